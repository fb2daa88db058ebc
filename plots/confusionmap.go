package plots

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// confusion is a matrix made ready to draw.
type confusion struct {
	col     colors
	classes []string
	counts  [][]int
	share   [][]float64 // of the true class
	cells   []uint8
	scale   colorScale

	accuracy, recall float64
	worst            [2]int // true and predicted class of the most frequent confusion

	every  int      // one in so many classes is named
	texts  cellText // what cells print
	turned bool     // names of predicted classes run upwards
}

// cellText is what the cells of a confusion matrix print.
type cellText int

const (
	noText cellText = iota
	countText
	shareText
)

func newConfusion(m ConfusionMatrix, col colors) *confusion {
	cm := &confusion{
		col: col, classes: slices.Clone(m.Classes), every: 1,
		scale: newColorScale(Range{Max: 100}, "share of the true class (%)"),
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
			cm.cells = append(cm.cells, cm.scale.index(share[j]*100))
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
	note := fmt.Sprintf("accuracy %s %% · mean recall %s %%", percent(cm.accuracy), percent(cm.recall))
	if cm.worst[0] != cm.worst[1] {
		note += fmt.Sprintf(" · most confused: %s → %s, %s %%", cm.classes[cm.worst[0]], cm.classes[cm.worst[1]],
			percent(cm.share[cm.worst[0]][cm.worst[1]]))
	}
	return note
}

func (cm *confusion) right() vg.Length { return barGap + cm.scale.width() }

// arrange chooses which classes are named and what cells print in a body, and
// returns the side of the matrix.
func (cm *confusion) arrange(body draw.Canvas) vg.Length {
	cm.every, cm.turned = 1, false
	_, data := mapRect(cm.panel(), body, cm.right(), true)
	s := textStyle(smallSize, nil)
	for _, name := range cm.classes {
		cm.turned = cm.turned || s.Width(name)+3 > (data.Max.X-data.Min.X)/vg.Length(len(cm.classes))
	}
	if cm.turned { // the names below take height now
		_, data = mapRect(cm.panel(), body, cm.right(), true)
	}
	cell := (data.Max.X - data.Min.X) / vg.Length(len(cm.classes))
	if cell > 0 {
		cm.every = int(math.Ceil(float64(smallSize * 1.1 / cell)))
	}
	counts, shares := cm.widestTexts(s)
	cm.texts = noText
	switch room := cell - 1.5; {
	case cell < smallSize*1.1:
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

// text is what a cell prints; empty cells print nothing.
func (cm *confusion) text(kind cellText, i, j int) string {
	if cm.counts[i][j] == 0 || kind == noText {
		return ""
	}
	if kind == countText {
		return strconv.Itoa(cm.counts[i][j])
	}
	return strconv.Itoa(int(math.Round(100 * cm.share[i][j])))
}

func (cm *confusion) panel() *plot.Plot {
	p := newPanel(cm.col, "predicted class", "true class")
	n := float64(len(cm.classes))
	p.X.LineStyle.Width, p.Y.LineStyle.Width = 0, 0 // the frame draws them
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
		// The axis sets labels one descent too high; a space keeps them off it.
		turned := slices.Clone(ticks)
		for i := range turned {
			turned[i].Label += " "
		}
		p.X.Tick.Marker = plot.ConstantTicks(turned)
		s := &p.X.Tick.Label
		s.Rotation, s.XAlign = math.Pi/2, draw.XRight
		s.YAlign = alignBaseline(*s, capHeight/2)
	}
	return p
}

// drawTexts prints into the cells, in black or white by their shade.
func (cm *confusion) drawTexts(c draw.Canvas, p *plot.Plot) {
	fx, fy := p.Transforms(&c)
	for i, row := range cm.counts {
		for j := range row {
			s := textStyle(smallSize, white)
			if cm.share[i][j] > 0.6 { // viridis is light from there
				s.Color = black
			}
			s.XAlign = draw.XCenter
			if txt := cm.text(cm.texts, i, j); txt != "" {
				drawMiddle(c, s, vg.Point{X: fx(float64(j)), Y: fy(float64(i))}, txt)
			}
		}
	}
}
