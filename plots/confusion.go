package plots

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// ConfusionMatrix counts predictions, [true classes, predicted classes].
type ConfusionMatrix struct {
	// Counts is square: of the samples of class i, Counts[i][j] were predicted
	// as class j.
	Counts [][]int
	// Classes names the classes.
	Classes []string
}

// Confusion draws a confusion matrix, true classes downwards and predicted
// classes to the right, shaded by the share of the true class. Cells with room
// print their count, or the share in percent if only that has room. Of many
// classes, the axes name every second, third and so on. The subtitle gives the
// accuracy over all predictions, the mean per-class recall, and the most
// frequent confusion as a share of its class. A class without predictions has an
// empty row and does not count in the recall.
//
// Confusion returns an error if the matrix is empty or not square, if a count is
// negative or all are 0, if class names are missing or repeated, or if texts do
// not fit the figure.
func Confusion(m ConfusionMatrix, opts Options) (fig *Figure, err error) {
	defer inPackage(&err)
	o, k, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	cm := newConfusion(m, k)
	h, err := o.header(k, cm.note(), layout.Legend{})
	if err != nil {
		return nil, err
	}
	width := o.bodyWidth()
	cm.arrange(layout.Nominal(width, 2*width))
	height, err := h.FigureHeight(o.height(), layout.MapHeight(cm.panel(), width, cm.scale.Width(), 1))
	if err != nil {
		return nil, err
	}
	if side := cm.arrange(h.NominalBody(height)); side < 25*vg.Millimeter {
		return nil, fmt.Errorf("the class names leave only %.0f mm to the matrix; shorten them, or raise Width or Height", max(0, layout.MM(side)))
	}
	paint := func(c draw.Canvas, medium medium) {
		h.Draw(c)
		p := cm.panel()
		axes, data := layout.MapCanvas(p, h.Body(c), cm.scale.Width(), true)
		layout.AddData(p, cm.cells.plotter(medium), cm.labels())
		p.Draw(axes)
		layout.DrawFrame(c, k, data)
		cm.scale.DrawBar(c, k, data)
	}
	return newFigure(o, height, k, "Confusion matrix", paint), nil
}

func (m ConfusionMatrix) check() error {
	if len(m.Counts) == 0 {
		return errors.New("no rows in Counts; a confusion matrix is [true classes, predicted classes]")
	}
	if len(m.Classes) != len(m.Counts) {
		return fmt.Errorf("%d class names for %d rows of Counts", len(m.Classes), len(m.Counts))
	}
	if err := checkNames("class", m.Classes); err != nil {
		return err
	}
	total := 0
	for i, row := range m.Counts {
		if len(row) != len(m.Counts) {
			return fmt.Errorf("row %d of Counts has %d values; a confusion matrix of %d rows is square", i, len(row), len(m.Counts))
		}
		for j, n := range row {
			if err := checkCount(fmt.Sprintf("Counts[%d][%d]", i, j), n, 0, math.MaxInt32); err != nil {
				return err
			}
			total += n
		}
	}
	if total == 0 {
		return errors.New("all Counts are 0; give at least one prediction")
	}
	return nil
}
