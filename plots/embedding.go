package plots

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
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
	// Classes names the classes; each has a colour, shared with others where
	// there are more than eight.
	Classes []string
}

// keySample is the width of a number of two digits on its plate.
const keySample = vg.Length(11)

// Embedding draws points in the plane, for example features by t-SNE, with the
// shape of their domain and the colour of their class. The name of a class
// stands at the median of its points, so that colour is not needed to tell
// classes apart; where names would cover the picture, numbers stand for them
// and the legend is their key. A label that would cover another is left out,
// the largest classes first served, and the subtitle says how many have one.
// Both directions have one scale; the axes of an embedding have no unit and are
// not drawn.
//
// It fails where there are no points, a coordinate is not finite, an index is
// outside its names, there are more than four domains, names are missing or
// repeated, or texts do not fit the figure.
func Embedding(points []Point, opts EmbeddingOptions) (*Figure, error) {
	o, col, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if err := checkPoints(points, opts); err != nil {
		return nil, err
	}
	e := newEmbedding(points, opts, col)
	var entries []legendEntry
	for i, name := range opts.Domains {
		entries = append(entries, legendEntry{name: name, sample: func(c draw.Canvas, at vg.Point) {
			var path vg.Path
			pointShapes[i].add(&path, at, 2.2)
			pointShapes[i].paint(c, path, col.ink)
		}})
	}
	side := o.width() - 2*margin
	e.choose(side)
	entries = append(entries, e.key()...)
	// The subtitle tells how many labels have a place, which depends on the
	// panel, which depends on the subtitle's lines: further rounds settle it.
	var h header
	var height vg.Length
	for range 4 {
		before := e.note(len(points))
		if h, err = newHeader(o.width(), o, col, joinSubtitle(o.Subtitle, before), entries, keySample); err != nil {
			return nil, err
		}
		if height, err = figureHeight(o, h, side); err != nil {
			return nil, err
		}
		e.place(h.body(nominal(o.width(), height)))
		if e.note(len(points)) == before {
			break
		}
	}
	paint := func(c draw.Canvas, _ medium) {
		h.draw(c, keySample)
		body := h.body(c)
		p := e.panel()
		for _, cl := range e.clouds {
			p.Add(painter(cl.draw))
		}
		p.Draw(body)
		drawFrame(c, col, body.Rectangle)
		for _, l := range e.labels {
			l.draw(c, col, body.Min)
		}
	}
	return newFigure(o, height, col, "Embedding by domain and class", paint), nil
}

func checkPoints(points []Point, o EmbeddingOptions) error {
	if len(points) == 0 {
		return errors.New("plots: no points to draw")
	}
	if err := checkRows("domain", o.Domains); err != nil {
		return err
	}
	if len(o.Domains) > len(pointShapes) {
		return fmt.Errorf("plots: %d domains, but only %d shapes can be told apart by eye; split them over several figures", len(o.Domains), len(pointShapes))
	}
	if err := checkRows("class", o.Classes); err != nil {
		return err
	}
	for i, p := range points {
		for _, v := range []float64{p.X, p.Y} {
			if err := checkValue(v); err != nil {
				return fmt.Errorf("plots: point %d: %w", i, err)
			}
		}
		if p.Domain < 0 || p.Domain >= len(o.Domains) {
			return fmt.Errorf("plots: point %d is of domain %d, but %d domains are named", i, p.Domain, len(o.Domains))
		}
		if p.Class < 0 || p.Class >= len(o.Classes) {
			return fmt.Errorf("plots: point %d is of class %d, but %d classes are named", i, p.Class, len(o.Classes))
		}
	}
	return nil
}
