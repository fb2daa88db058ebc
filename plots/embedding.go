package plots

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// Point is a sample of [Embedding]: its place and the indices of its domain
// and class.
type Point struct {
	X, Y          float64
	Domain, Class int
}

// EmbeddingOptions are the settings of [Embedding].
type EmbeddingOptions struct {
	Options
	// Domains names the domains, at most four; each has a shape.
	Domains []string
	// Classes names the classes. Each has a colour; more than eight classes
	// share colours.
	Classes []string
}

// keySample is the width of a number of two digits on its plate.
const keySample = vg.Length(11)

// Embedding draws points in the plane, for example features by t-SNE, with the
// shape of their domain and the colour of their class. The name of a class
// stands at the median of its points, so that readers can tell classes apart
// without colour. If names would cover too much of the picture, numbers replace
// them, with the legend as their key. Larger classes get their labels first; a
// label that would cover another is left out, and the subtitle says how many
// classes have one. Both directions have the same scale; an embedding has no
// unit, so the figure has no axes.
//
// Embedding returns an error if there are no points, if a coordinate is not
// finite, if an index has no name, if there are more than four domains, if
// names are missing or repeated, or if texts do not fit the figure.
func Embedding(points []Point, opts EmbeddingOptions) (fig *Figure, err error) {
	defer inPackage(&err)
	o, k, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if err := opts.check(points); err != nil {
		return nil, err
	}
	e := newEmbedding(points, opts, k)
	side := o.bodyWidth()
	e.choose(side)
	legend := layout.Legend{SampleWidth: keySample}
	for i, name := range opts.Domains {
		legend.Add(name, &plotter.Scatter{GlyphStyle: pointStyle(i, k.Ink, 2.2)})
	}
	e.addKey(&legend)
	// The subtitle says how many labels have a place, which depends on the
	// panel, which depends on the lines of the subtitle: further rounds settle it.
	var h layout.Header
	var height vg.Length
	for range 4 {
		before := e.note(len(points))
		if h, err = o.header(k, before, legend); err != nil {
			return nil, err
		}
		if height, err = h.FigureHeight(o.height(), side); err != nil {
			return nil, err
		}
		e.place(h.NominalBody(height))
		if e.note(len(points)) == before {
			break
		}
	}
	paint := func(c draw.Canvas, _ medium) {
		h.Draw(c)
		body := h.Body(c)
		p := e.panel()
		for _, points := range e.points {
			layout.AddData(p, points)
		}
		p.Draw(body)
		layout.DrawFrame(c, k, body.Rectangle)
		for _, l := range e.labels {
			l.draw(c, k, body.Min)
		}
	}
	return newFigure(o, height, k, "Embedding by domain and class", paint), nil
}

func (o EmbeddingOptions) check(points []Point) error {
	if len(points) == 0 {
		return errors.New("no points to draw")
	}
	if err := checkNames("domain", o.Domains); err != nil {
		return err
	}
	if len(o.Domains) > len(pointShapes) {
		return fmt.Errorf("%d domains, but readers can tell only %d shapes apart; split them over several figures", len(o.Domains), len(pointShapes))
	}
	if err := checkNames("class", o.Classes); err != nil {
		return err
	}
	for i, p := range points {
		for _, v := range []float64{p.X, p.Y} {
			if err := checkValue(v); err != nil {
				return fmt.Errorf("point %d: %w", i, err)
			}
		}
		if p.Domain < 0 || p.Domain >= len(o.Domains) {
			return fmt.Errorf("point %d has domain %d, but Domains has %d names", i, p.Domain, len(o.Domains))
		}
		if p.Class < 0 || p.Class >= len(o.Classes) {
			return fmt.Errorf("point %d has class %d, but Classes has %d names", i, p.Class, len(o.Classes))
		}
	}
	return nil
}
