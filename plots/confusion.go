package plots

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ConfusionMatrix counts predictions, [true classes, predicted classes].
type ConfusionMatrix struct {
	// Counts is square; Counts[i][j] predictions of class j were of class i.
	Counts [][]int
	// Classes names the classes.
	Classes []string
}

// Confusion draws a confusion matrix, true classes downwards and predicted
// classes to the right, shaded by the share of the true class. Cells with room
// print their count, or the share in percent where only that has room; of many
// classes every second, third … is named. The subtitle gives the accuracy over
// all predictions, the mean per-class recall, and the most frequent confusion
// as a share of its class. A class without predictions has an empty row and no
// part in the recall.
//
// It fails where the matrix is empty or not square, a count is negative, all
// are 0, names are missing or repeated, or texts do not fit the figure.
func Confusion(m ConfusionMatrix, opts Options) (*Figure, error) {
	o, col, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	cm := newConfusion(m, col)
	h, err := newHeader(o.width(), o, col, joinSubtitle(o.Subtitle, cm.note()), nil, 0)
	if err != nil {
		return nil, err
	}
	width := o.width() - 2*margin
	cm.arrange(nominal(width, 2*width))
	height, err := figureHeight(o, h, mapHeight(cm.panel(), width, cm.right(), 1))
	if err != nil {
		return nil, err
	}
	side := cm.arrange(h.body(nominal(o.width(), height)))
	if side < 25*vg.Millimeter {
		return nil, fmt.Errorf("plots: class names leave the matrix only %.0f mm; shorten them, or raise Width or Height", max(0, mm(side)))
	}
	paint := func(c draw.Canvas, medium medium) {
		h.draw(c, 0)
		p := cm.panel()
		axes, data := mapRect(p, h.body(c), cm.right(), true)
		p.Add(painter(func(c draw.Canvas, p *plot.Plot) {
			c.DrawImage(c.Rectangle, cellImage(cm.cells, len(cm.classes), len(cm.classes), medium))
			cm.drawTexts(c, p)
		}))
		p.Draw(axes)
		drawFrame(c, col, data)
		bar := data
		bar.Min.X = data.Max.X + barGap
		bar.Max.X = bar.Min.X + barWidth
		cm.scale.drawBar(c, col, bar)
	}
	return newFigure(o, height, col, "Confusion matrix", paint), nil
}

func (m ConfusionMatrix) check() error {
	if len(m.Counts) == 0 {
		return errors.New("plots: Counts has no rows; a confusion matrix is [true classes, predicted classes]")
	}
	if len(m.Classes) != len(m.Counts) {
		return fmt.Errorf("plots: %d class names for %d rows of Counts", len(m.Classes), len(m.Counts))
	}
	if err := checkRows("class", m.Classes); err != nil {
		return err
	}
	total := 0
	for i, row := range m.Counts {
		if len(row) != len(m.Counts) {
			return fmt.Errorf("plots: Counts[%d] has %d values; a square matrix of %d rows is needed", i, len(row), len(m.Counts))
		}
		for j, n := range row {
			if n < 0 || n > math.MaxInt32 {
				return fmt.Errorf("plots: Counts[%d][%d] = %d is outside [0, %d]", i, j, n, math.MaxInt32)
			}
			total += n
		}
	}
	if total == 0 {
		return errors.New("plots: Counts are all 0; there is no prediction to show")
	}
	return nil
}
