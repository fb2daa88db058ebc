package plots

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// confusion is the data and layout of a [Confusion] figure.
type confusion struct {
	k       layout.Inks
	classes []string
	counts  [][]int
	share   [][]float64 // of the true class
	cells   cells
	scale   layout.ColorScale

	accuracy, recall float64
	worst            [2]int // true and predicted class of the most frequent confusion

	every  int      // the axes name every so many classes
	texts  cellText // printed in the cells
	turned bool     // names of predicted classes run upwards
}

// cellText is the kind of number that the cells of a confusion matrix print.
type cellText int

const (
	noText cellText = iota
	countText
	shareText
)

func newConfusion(m ConfusionMatrix, k layout.Inks) *confusion {
	n := len(m.Classes)
	cm := &confusion{
		k: k, classes: slices.Clone(m.Classes), every: 1, cells: cells{rows: n, cols: n},
		scale: layout.NewColorScale(layout.Range{Max: 100}, "share of the true class (%)"),
	}
	correct, total, present := 0, 0, 0
	most := 0.0
	for i, row := range m.Counts {
		sum := 0
		for _, n := range row {
			sum += n
		}
		share := make([]float64, len(row))
		for j, n := range row {
			if sum > 0 {
				share[j] = float64(n) / float64(sum)
			}
			if i != j && share[j] > most {
				most, cm.worst = share[j], [2]int{i, j}
			}
			cm.cells.index = append(cm.cells.index, cm.scale.Index(share[j]*100))
		}
		if sum > 0 {
			cm.recall += share[i]
			present++
		}
		correct, total = correct+row[i], total+sum
		cm.counts, cm.share = append(cm.counts, slices.Clone(row)), append(cm.share, share)
	}
	cm.accuracy = float64(correct) / float64(total)
	cm.recall /= float64(present)
	return cm
}

func (cm *confusion) note() string {
	note := fmt.Sprintf("accuracy %s %% · mean recall %s %%", layout.Percent(cm.accuracy), layout.Percent(cm.recall))
	if cm.worst[0] != cm.worst[1] {
		note += fmt.Sprintf(" · most confused: %s → %s, %s %%", cm.classes[cm.worst[0]], cm.classes[cm.worst[1]],
			layout.Percent(cm.share[cm.worst[0]][cm.worst[1]]))
	}
	return note
}

// arrange chooses for a body which classes the axes name and what the cells
// print, and returns the side of the matrix.
func (cm *confusion) arrange(body draw.Canvas) vg.Length {
	cm.every, cm.turned = 1, false
	_, data := layout.MapCanvas(cm.panel(), body, cm.scale.Width(), true)
	s := layout.Text(layout.SmallSize, nil)
	for _, name := range cm.classes {
		cm.turned = cm.turned || s.Width(name)+3 > (data.Max.X-data.Min.X)/vg.Length(len(cm.classes))
	}
	if cm.turned { // the names below take height now
		_, data = layout.MapCanvas(cm.panel(), body, cm.scale.Width(), true)
	}
	cell := (data.Max.X - data.Min.X) / vg.Length(len(cm.classes))
	if cell > 0 {
		cm.every = int(math.Ceil(float64(layout.SmallSize * 1.1 / cell)))
	}
	counts, shares := cm.widestTexts(s)
	cm.texts = noText
	switch room := cell - 1.5; {
	case cell < layout.SmallSize*1.1:
	case counts <= room:
		cm.texts = countText
	case shares <= room:
		cm.texts = shareText
	}
	return data.Max.X - data.Min.X
}

// widestTexts returns the widths of the widest count and share.
func (cm *confusion) widestTexts(s draw.TextStyle) (counts, shares vg.Length) {
	for i, row := range cm.counts {
		for j := range row {
			counts = max(counts, s.Width(cm.text(countText, i, j)))
			shares = max(shares, s.Width(cm.text(shareText, i, j)))
		}
	}
	return counts, shares
}

// text is the number in a cell; empty cells print none.
func (cm *confusion) text(kind cellText, i, j int) string {
	if cm.counts[i][j] == 0 || kind == noText {
		return ""
	}
	if kind == countText {
		return strconv.Itoa(cm.counts[i][j])
	}
	return strconv.Itoa(int(math.Round(100 * cm.share[i][j])))
}

// panel returns the plot of the matrix without its cells.
func (cm *confusion) panel() *plot.Plot {
	p := layout.NewPanel(cm.k, "predicted class", "true class")
	layout.HideAxisLines(p)
	n := float64(len(cm.classes))
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -0.5, n-0.5, -0.5, n-0.5
	p.Y.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	var ticks []plot.Tick
	for i := 0; i < len(cm.classes); i += cm.every {
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: cm.classes[i]})
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.ConstantTicks(ticks), plot.ConstantTicks(ticks)
	switch {
	case cm.every > 1:
		p.X.Label.Text += fmt.Sprintf(" (1 in %d named)", cm.every)
	case cm.texts == shareText:
		p.X.Label.Text += " (cells in %)"
	}
	if cm.turned {
		// gonum's axis sets labels one descent too high; a space keeps them off it.
		turned := slices.Clone(ticks)
		for i := range turned {
			turned[i].Label += " "
		}
		p.X.Tick.Marker = plot.ConstantTicks(turned)
		s := &p.X.Tick.Label
		s.Rotation, s.XAlign = math.Pi/2, draw.XRight
		s.YAlign = layout.Middle(*s)
	}
	return p
}

// labels returns the numbers in the cells, black or white by their shade.
func (cm *confusion) labels() plot.Plotter {
	l := &plotter.Labels{}
	for i, row := range cm.counts {
		for j := range row {
			txt := cm.text(cm.texts, i, j)
			if txt == "" {
				continue
			}
			s := layout.Text(layout.SmallSize, layout.White)
			if cm.share[i][j] > 0.6 { // viridis is light from there
				s.Color = layout.Black
			}
			s.XAlign, s.YAlign = draw.XCenter, layout.Middle(s)
			l.XYs = append(l.XYs, plotter.XY{X: float64(j), Y: float64(i)})
			l.Labels, l.TextStyle = append(l.Labels, txt), append(l.TextStyle, s)
		}
	}
	return l
}
