package plots

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/gonum/floats"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// Matrix is a channel correlation P, [source channels, target channels]. Row i
// is the softmax over target channels j of the similarity of source channel i
// to j, so that every row sums to 1. For Reciprocal Normalization,
// P_ij = softmax_j(−(μ^s_i − μ^t_j)²) (arXiv 2112.10474, section 3.2); the
// channels of a wide layer are groups.
type Matrix struct {
	// P holds the rows, all of the same length.
	P [][]float64
	// Source and Target name the domains on the axes; empty means "source" and
	// "target".
	Source, Target string
}

// Zoom selects a square of channels: rows Row … Row+Size−1 and columns
// Col … Col+Size−1, counted from 0. The zero value selects the whole matrix.
type Zoom struct{ Row, Col, Size int }

// CorrelationOptions are the settings of [Correlation].
type CorrelationOptions struct {
	Options
	// Zoom shows a part of the matrix. The share on the diagonal and the chance
	// level still refer to the whole.
	Zoom Zoom
	// Colors fixes the ends of the colour scale, so that several figures can be
	// compared. Cells outside take the colour of the nearer end, and the
	// subtitle says so. The zero value spans the cells shown.
	Colors Range
}

// rowSumTolerance bounds how far the sum of a row may be from 1; bfloat16
// statistics reach 0.4 %.
const rowSumTolerance = 1e-2

// Correlation draws a channel-correlation matrix as a heatmap, source channels
// downwards and target channels to the right, with a colour bar.
//
// Beside a square matrix, a strip shows which source channels have the same
// index as their most correlated target channel (see [DiagonalShare]). The
// subtitle gives their share and the chance level 1/C. A matrix, or zoomed
// part, of more than 256 channels a side is averaged over blocks: the subtitle
// says so, and the strip shows the share of each block of rows. The heatmap is
// one raster image in the SVG, which stays below 200 KB for any C.
//
// Correlation returns an error if the matrix is empty or ragged, if a value is
// not finite or negative, if a row does not sum to 1 (± 0.01), if the zoom
// leaves the matrix, or if texts do not fit the figure.
func Correlation(m Matrix, opts CorrelationOptions) (fig *Figure, err error) {
	defer inPackage(&err)
	o, k, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if m.Source == "" {
		m.Source = "source"
	}
	if m.Target == "" {
		m.Target = "target"
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	if err := opts.Colors.check("Colors"); err != nil {
		return nil, err
	}
	view, err := newView(m, opts.Zoom)
	if err != nil {
		return nil, err
	}
	hm := newHeatmap(m, view, opts.Colors, k)
	h, err := o.header(k, hm.note(m), layout.Legend{})
	if err != nil {
		return nil, err
	}
	height, err := h.FigureHeight(o.height(), hm.fittingHeight(o.bodyWidth()))
	if err != nil {
		return nil, err
	}
	if err := hm.checkFits(h.NominalBody(height)); err != nil {
		return nil, err
	}
	return newFigure(o, height, k, "Channel correlation of "+m.Source+" and "+m.Target, hm.painter(h)), nil
}

// DiagonalShare returns the share of rows of a square matrix with the largest
// value on the diagonal: the share of source channels whose most correlated
// target channel has the same index. Of equal values the first counts. It
// returns an error if p is empty, not square, or contains NaN.
func DiagonalShare(p [][]float64) (share float64, err error) {
	defer inPackage(&err)
	if len(p) == 0 {
		return 0, errors.New("the matrix has no rows")
	}
	for i, row := range p {
		if len(row) != len(p) {
			return 0, fmt.Errorf("row %d has %d values; a square matrix of %d rows has as many columns", i, len(row), len(p))
		}
		for j, v := range row {
			if math.IsNaN(v) {
				return 0, fmt.Errorf("value P[%d][%d] is NaN", i, j)
			}
		}
	}
	return hitShare(onDiagonal(p)), nil
}

// onDiagonal reports for every row of a square matrix whether its largest value
// is on the diagonal.
func onDiagonal(p [][]float64) []bool {
	hits := make([]bool, len(p))
	for i, row := range p {
		hits[i] = floats.MaxIdx(row) == i
	}
	return hits
}

// hitShare returns the share of hits.
func hitShare(hits []bool) float64 {
	n := 0
	for _, hit := range hits {
		if hit {
			n++
		}
	}
	return float64(n) / float64(len(hits))
}

func (m Matrix) check() error {
	if err := checkName("Source", m.Source); err != nil {
		return err
	}
	if err := checkName("Target", m.Target); err != nil {
		return err
	}
	if len(m.P) == 0 {
		return errors.New("no rows in P; a correlation is [source channels, target channels]")
	}
	if len(m.P[0]) == 0 {
		return errors.New("row P[0] is empty; a correlation is [source channels, target channels]")
	}
	for i, row := range m.P {
		if len(row) != len(m.P[0]) {
			return fmt.Errorf("row P[%d] has %d values, row P[0] has %d; give all rows the same length", i, len(row), len(m.P[0]))
		}
		for j, v := range row {
			if err := checkValue(v); err != nil {
				return fmt.Errorf("entry P[%d][%d]: %w", i, j, err)
			}
			if v < 0 {
				return fmt.Errorf("entry P[%d][%d] = %g is negative; pass the softmax over target channels, not the distances", i, j, v)
			}
		}
		if sum := floats.Sum(row); math.Abs(sum-1) > rowSumTolerance {
			return fmt.Errorf("row P[%d] sums to %g instead of 1; pass the softmax over target channels (for the other direction, its own softmax rather than the transpose)", i, sum)
		}
	}
	return nil
}

// note is the figure's own part of the subtitle.
func (hm *heatmap) note(m Matrix) string {
	v, rows, cols := hm.view, len(m.P), len(m.P[0])
	note := fmt.Sprintf("%d × %d channels", rows, cols)
	if hm.share != nil {
		note = fmt.Sprintf("%d channels · argmax on own index: %s %% (chance %s %%)", rows, layout.Percent(hm.diagonal), layout.Percent(1/float64(rows)))
	}
	if !v.whole {
		note += fmt.Sprintf(" · rows %d–%d, columns %d–%d", v.row, v.row+v.rows-1, v.col, v.col+v.cols-1)
	}
	if v.averaged() {
		note += fmt.Sprintf(" · cells are means of %s × %s channels", blockSize(v.rows, v.cellRows), blockSize(v.cols, v.cellCols))
	}
	if hm.clipped {
		note += " · colours clipped"
	}
	return note
}

func blockSize(n, cells int) string {
	if n%cells == 0 {
		return strconv.Itoa(n / cells)
	}
	return fmt.Sprintf("about %.2g", float64(n)/float64(cells))
}
