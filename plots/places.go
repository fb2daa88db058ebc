package plots

import (
	"fmt"
	"image/color"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// embedding is the data and layout of an [Embedding] figure.
type embedding struct {
	k       layout.Inks
	data    [2]layout.Range    // of x and y
	x, y    layout.Range       // of the panel
	points  []*plotter.Scatter // one per domain and class
	names   []string
	classX  [][]float64 // [classes], places of their points
	classY  [][]float64
	present int  // classes with points
	numbers bool // classes are labelled by number, with a key in the legend
	labels  []placeLabel
}

// placeLabel is the name of a class at its place, from the panel's corner.
type placeLabel struct {
	name string
	at   vg.Point
	ink  color.NRGBA
}

func newEmbedding(points []Point, o EmbeddingOptions, k layout.Inks) *embedding {
	e := &embedding{k: k, names: slices.Clone(o.Classes)}
	x, y := layout.EmptyRange(), layout.EmptyRange()
	n := len(o.Classes)
	e.classX, e.classY = make([][]float64, n), make([][]float64, n)
	e.points = make([]*plotter.Scatter, n*len(o.Domains))
	for i := range e.points {
		e.points[i] = newPoints(i/n, e.ink(i%n), len(points))
	}
	for _, p := range points {
		x.Include(p.X)
		y.Include(p.Y)
		e.classX[p.Class], e.classY[p.Class] = append(e.classX[p.Class], p.X), append(e.classY[p.Class], p.Y)
		s := e.points[p.Domain*n+p.Class]
		s.XYs = append(s.XYs, plotter.XY{X: p.X, Y: p.Y})
	}
	for _, x := range e.classX {
		if len(x) > 0 {
			e.present++
		}
	}
	e.data = [2]layout.Range{x.Padded(), y.Padded()}
	return e
}

func (e *embedding) ink(class int) color.NRGBA {
	return e.k.Categories[class%len(e.k.Categories)]
}

// panel is the plane without axes.
func (e *embedding) panel() *plot.Plot {
	p := layout.NewPanel(e.k, "", "")
	p.HideAxes()
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = e.x.Min, e.x.Max, e.y.Min, e.y.Max
	return p
}

// label is the text at the place of a class: its name, or its number in the
// order of the names, from 1.
func (e *embedding) label(class int) string {
	if e.numbers {
		return strconv.Itoa(class + 1)
	}
	return e.names[class]
}

// plateSize is half the width and height of a label.
func plateSize(label string) vg.Point {
	return vg.Point{X: layout.Bold(layout.SmallSize, nil).Width(label)/2 + 1.2, Y: layout.SmallSize * 0.56}
}

// choose decides between names and numbers: numbers replace names that would
// cover more than an eighth of a square of the given side.
func (e *embedding) choose(side vg.Length) {
	covered := vg.Length(0)
	for k, x := range e.classX {
		if len(x) > 0 {
			half := plateSize(e.names[k])
			covered += 4 * half.X * half.Y
		}
	}
	e.numbers = covered > side*side/8
}

// addKey adds the names that the numbers stand for to the legend.
func (e *embedding) addKey(legend *layout.Legend) {
	for k, x := range e.classX {
		if e.numbers && len(x) > 0 {
			l := placeLabel{name: e.label(k), ink: e.ink(k)}
			legend.Add(e.names[k], layout.Sample(func(c *draw.Canvas) { l.draw(*c, e.k, c.Center()) }))
		}
	}
}

// note counts points and classes, and the labels if some have no place. Before
// place has run, it expects a place for all.
func (e *embedding) note(points int) string {
	note := fmt.Sprintf("%d points · %d classes", points, len(e.names))
	if e.labels != nil && len(e.labels) < e.present {
		note += fmt.Sprintf(", %d labelled", len(e.labels))
	}
	return note
}

// equalize widens one of the ranges so that a unit has the same length in both
// directions of a body.
func (e *embedding) equalize(body draw.Canvas) {
	e.x, e.y = e.data[0], e.data[1]
	width, height := float64(body.Max.X-body.Min.X), float64(body.Max.Y-body.Min.Y)
	x, y := e.x.Max-e.x.Min, e.y.Max-e.y.Min
	if more := (y*width/height - x) / 2; more > 0 {
		e.x.Min, e.x.Max = e.x.Min-more, e.x.Max+more
	} else {
		more := (x*height/width - y) / 2
		e.y.Min, e.y.Max = e.y.Min-more, e.y.Max+more
	}
}

// place finds room for the names of classes in a body, the largest first: at
// the median of their points, or a line above or below.
func (e *embedding) place(body draw.Canvas) {
	e.equalize(body)
	e.labels = []placeLabel{}
	fx, fy := e.panel().Transforms(&body)
	order := make([]int, len(e.names))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(e.classX[b]) - len(e.classX[a]) })
	var taken []vg.Rectangle
	for _, k := range order {
		if len(e.classX[k]) == 0 {
			continue
		}
		half := plateSize(e.label(k))
		at := vg.Point{X: fx(median(e.classX[k])), Y: fy(median(e.classY[k]))}
		at.X = min(max(at.X, body.Min.X+half.X+1), body.Max.X-half.X-1)
		for _, shift := range []vg.Length{0, 1, -1, 2, -2} {
			y := at.Y + shift*layout.SmallSize
			box := vg.Rectangle{Min: vg.Point{X: at.X - half.X, Y: y - half.Y}, Max: vg.Point{X: at.X + half.X, Y: y + half.Y}}
			if box.Min.Y < body.Min.Y || box.Max.Y > body.Max.Y || box.Min.X < body.Min.X || slices.ContainsFunc(taken, func(r vg.Rectangle) bool { return overlap(r, box) }) {
				continue
			}
			taken = append(taken, box)
			e.labels = append(e.labels, placeLabel{
				name: e.label(k), at: vg.Point{X: at.X - body.Min.X, Y: y - body.Min.Y}, ink: e.ink(k),
			})
			break
		}
	}
}

func overlap(a, b vg.Rectangle) bool {
	return a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y
}

// median returns the median of values in any order.
func median(v []float64) float64 { return quantile(0.5, slices.Sorted(slices.Values(v))) }

// draw prints the name on a plate in the colour of the background, framed in the
// colour of the class. The place of the label is relative to corner.
func (l placeLabel) draw(c draw.Canvas, k layout.Inks, corner vg.Point) {
	s := layout.Bold(layout.SmallSize, k.Ink)
	s.XAlign = draw.XCenter
	at := vg.Point{X: corner.X + l.at.X, Y: corner.Y + l.at.Y}
	half := plateSize(l.name)
	plate := vg.Rectangle{Min: vg.Point{X: at.X - half.X, Y: at.Y - half.Y}, Max: vg.Point{X: at.X + half.X, Y: at.Y + half.Y}}
	ground := k.Background
	ground.A = 0xD0
	c.SetColor(ground)
	c.Fill(plate.Path())
	c.SetLineStyle(draw.LineStyle{Color: l.ink, Width: 0.8})
	c.Stroke(plate.Path())
	layout.DrawMiddle(c, s, at, l.name)
}
