package layout

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
)

func testPanel() *plot.Plot {
	p := NewPanel(Light(), "x", "y")
	Scale{}.Apply(&p.X, Range{Min: 0, Max: 1}, 6)
	Scale{}.Apply(&p.Y, Range{Min: 0, Max: 2000}, 6)
	return p
}

func near(a, b vg.Length) bool { return math.Abs(float64(a-b)) < 1e-6 }

func TestAround(t *testing.T) {
	want := vg.Rectangle{Min: vg.Point{X: 40, Y: 30}, Max: vg.Point{X: 140, Y: 90}}
	p := testPanel()
	got := p.DataCanvas(Around(p, Nominal(200, 200), want)).Rectangle
	if !near(got.Min.X, want.Min.X) || !near(got.Min.Y, want.Min.Y) || !near(got.Max.X, want.Max.X) || !near(got.Max.Y, want.Max.Y) {
		t.Errorf("the data fill %v; want %v", got, want)
	}
}

// TestMapCanvas checks that a square map is square, keeps the room at its right
// free, and stays at the top left of the body.
func TestMapCanvas(t *testing.T) {
	const right = 30
	for _, body := range []draw.Canvas{Nominal(200, 120), Nominal(120, 200)} {
		_, data := MapCanvas(testPanel(), body, right, true)
		if size := data.Size(); !near(size.X, size.Y) {
			t.Errorf("in a body of %v the data take %v; want a square", body.Size(), size)
		}
		if data.Max.X > body.Max.X-right || data.Min.Y < body.Min.Y || data.Max.Y < body.Max.Y-10 {
			t.Errorf("in a body of %v the data stand at %v", body.Size(), data)
		}
	}
	p := testPanel()
	height := MapHeight(p, 200, right, 1)
	if _, data := MapCanvas(p, Nominal(200, height), right, false); !near(data.Size().X, data.Size().Y) {
		t.Errorf("MapHeight for aspect 1 gives data of %v", data.Size())
	}
}

// TestAddData checks that data outside the axes neither widen them nor shrink
// the panel, as plot.Plot.Add would.
func TestAddData(t *testing.T) {
	p := testPanel()
	before := p.DataCanvas(Nominal(200, 200)).Rectangle
	AddData(p, Light().Series(0).Dots(plotter.XY{X: 0, Y: 0}, plotter.XY{X: 5, Y: -9}))
	if p.X.Max != 1 || p.Y.Min != 0 || p.DataCanvas(Nominal(200, 200)).Rectangle != before {
		t.Errorf("axes end at %g and start at %g with data on %v; want 1, 0, %v", p.X.Max, p.Y.Min, p.DataCanvas(Nominal(200, 200)).Rectangle, before)
	}
}

// strokes draws the panel and counts the paths that it strokes.
func strokes(p *plot.Plot) int {
	var rec recorder.Canvas
	p.Draw(draw.NewCanvas(&rec, 200, 200))
	n := 0
	for _, action := range rec.Actions {
		if _, ok := action.(*recorder.Stroke); ok {
			n++
		}
	}
	return n
}

// TestAddGrid checks that the grid has a line per labelled tick, and keeps it
// when the labels go.
func TestAddGrid(t *testing.T) {
	p := testPanel() // ticks at 0, 500, 1000, 1500, 2000
	p.Y.Tick.Length, p.X.Tick.Length = 0, 0
	without := strokes(p)
	AddGrid(p, Light())
	if got := strokes(p) - without; got != 5 {
		t.Errorf("the grid has %d lines; want 5", got)
	}
	p.Y.Tick.Marker = Unlabelled{p.Y.Tick.Marker}
	if got := strokes(p) - without; got != 5 {
		t.Errorf("the grid has %d lines under unlabelled ticks; want 5", got)
	}
}

// TestMultiples checks that the panels of every number of layers fit a column,
// at their own height and at a given one.
func TestMultiples(t *testing.T) {
	for _, n := range []int{1, 2, 7, 30} {
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprint("layer", i)
		}
		m, err := NewMultiples(names, column, func(int) *plot.Plot { return testPanel() })
		if err != nil {
			t.Fatal(err)
		}
		if width := m.left + vg.Length(m.cols)*m.data + vg.Length(m.cols-1)*columnGap; width > column {
			t.Errorf("%d panels are %v wide; want at most %v", n, width, column)
		}
		if m.rows()*m.cols < n || (m.rows()-1)*m.cols >= n {
			t.Errorf("%d panels stand in %d rows of %d", n, m.rows(), m.cols)
		}
		own := m.height
		if err := m.Fit(m.FittingHeight()); err != nil || !near(m.height, own) {
			t.Errorf("%d panels fit their own height with %v, %v; want %v", n, m.height, err, own)
		}
		if err := m.Fit(20); err == nil {
			t.Errorf("%d panels fit 20 points", n)
		}
	}
}
