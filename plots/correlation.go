package plots

import (
	"fmt"
	"math"
	"strconv"
)

// Matrix is a channel correlation P, [source channels, target channels]: row i
// is the softmax over target channels j of the similarity of source channel i
// with j, so that every row sums to 1. For Reciprocal Normalization,
// P_ij = softmax_j(−(μ^s_i − μ^t_j)²) (arXiv 2112.10474, section 3.2); where a
// layer is wide, its channels are groups.
type Matrix struct {
	// P holds the rows; all have the same length.
	P [][]float64
	// Source and Target name the domains on the axes; empty means "source" and
	// "target".
	Source, Target string
}

// Zoom selects a square of channels: rows Row … Row+Size−1 and columns
// Col … Col+Size−1, counted from 0. A zero Size means no zoom.
type Zoom struct{ Row, Col, Size int }

// CorrelationOptions are the settings of [Correlation].
type CorrelationOptions struct {
	Options
	// Zoom shows a part of the matrix. Shares and the chance level are still
	// those of the whole.
	Zoom Zoom
	// Colors fixes the ends of the colour scale, for figures that are to be
	// compared; cells outside take the colour of the nearer end and the
	// subtitle says so. The zero value spans the cells shown.
	Colors Range
}

const (
	// maxCells is the most cells a heatmap has on a side; wider matrices are
	// averaged over blocks. 256 cells on the 55 mm of a column figure are
	// 0.2 mm each, about the finest that print resolves.
	maxCells = 256

	// rowSumTolerance bounds how far a row of a softmax matrix may sum from 1;
	// bfloat16 statistics reach 0.4 %.
	rowSumTolerance = 1e-2
)

// Correlation draws a channel-correlation matrix as a heatmap, source channels
// downwards and target channels to the right, with a colour bar.
//
// For a square matrix the strip beside the rows and the subtitle show where
// the most correlated target channel of a source channel has the same index
// (see [DiagonalShare]), and the subtitle adds the chance level 1/C. A
// matrix, or zoomed part, of more than 256 channels a side is averaged over
// blocks, which the subtitle mentions; the strip then shows the share of each
// block of rows. The heatmap is one raster image in the SVG, which stays
// below 200 KB whatever C.
//
// It fails where the matrix is empty or ragged, a value is not finite or
// negative, a row does not sum to 1 (± 0.01), the zoom leaves the matrix, or
// texts do not fit the figure.
func Correlation(m Matrix, opts CorrelationOptions) (*Figure, error) {
	o, col, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if m.Source == "" {
		m.Source = "source"
	}
	if m.Target == "" {
		m.Target = "target"
	}
	if err := checkMatrix(m); err != nil {
		return nil, err
	}
	if err := opts.Colors.check("Colors"); err != nil {
		return nil, err
	}
	view, err := newView(m, opts.Zoom)
	if err != nil {
		return nil, err
	}
	hm := newHeatmap(m, view, opts.Colors, col)
	note := correlationNote(m, view, hm)
	width := o.width()
	h, err := newHeader(width, o, col, joinSubtitle(o.Subtitle, note), nil, 0)
	if err != nil {
		return nil, err
	}
	height, err := figureHeight(o, h, hm.fittingHeight(width-2*margin))
	if err != nil {
		return nil, err
	}
	if err := hm.checkFits(h.body(nominal(width, height))); err != nil {
		return nil, err
	}
	return newFigure(o, height, col, "Channel correlation of "+m.Source+" and "+m.Target, hm.painter(h)), nil
}

// DiagonalShare returns the share of rows of p, a square matrix, whose largest
// value stands on the diagonal: the source channels whose most correlated
// target channel has the same index. Of equal values the first counts. It
// fails where p is empty, not square, or has NaN.
func DiagonalShare(p [][]float64) (float64, error) {
	if len(p) == 0 {
		return 0, fmt.Errorf("plots: the matrix has no rows")
	}
	hits := 0
	for i, row := range p {
		if len(row) != len(p) {
			return 0, fmt.Errorf("plots: row %d has %d values, but a square matrix of %d rows is needed", i, len(row), len(p))
		}
		for j, v := range row {
			if math.IsNaN(v) {
				return 0, fmt.Errorf("plots: P[%d][%d] is NaN", i, j)
			}
		}
		if argmax(row) == i {
			hits++
		}
	}
	return float64(hits) / float64(len(p)), nil
}

// argmax returns the index of the first largest value of a non-empty slice.
func argmax(v []float64) int {
	best := 0
	for j, x := range v {
		if x > v[best] {
			best = j
		}
	}
	return best
}

func checkMatrix(m Matrix) error {
	if err := checkName("Source", m.Source); err != nil {
		return err
	}
	if err := checkName("Target", m.Target); err != nil {
		return err
	}
	if len(m.P) == 0 {
		return fmt.Errorf("plots: P has no rows; a correlation is [source channels, target channels]")
	}
	if len(m.P[0]) == 0 {
		return fmt.Errorf("plots: P[0] is empty; a correlation is [source channels, target channels]")
	}
	for i, row := range m.P {
		if len(row) != len(m.P[0]) {
			return fmt.Errorf("plots: P[%d] has %d values, P[0] has %d; all rows need the same length", i, len(row), len(m.P[0]))
		}
		sum := 0.0
		for j, v := range row {
			if err := checkValue(v); err != nil {
				return fmt.Errorf("plots: P[%d][%d]: %w", i, j, err)
			}
			if v < 0 {
				return fmt.Errorf("plots: P[%d][%d] = %g is negative; pass the softmax over target channels, not the distances", i, j, v)
			}
			sum += v
		}
		if math.Abs(sum-1) > rowSumTolerance {
			return fmt.Errorf("plots: P[%d] sums to %g instead of 1; pass the softmax over target channels (for the other direction, its own softmax rather than the transpose)", i, sum)
		}
	}
	return nil
}

// view is the part of a matrix that is drawn, and its resolution.
type view struct {
	row, col, rows, cols int // channels
	cellRows, cellCols   int // cells on a side
	whole                bool
}

func newView(m Matrix, z Zoom) (view, error) {
	rows, cols := len(m.P), len(m.P[0])
	v := view{rows: rows, cols: cols, whole: true}
	if z != (Zoom{}) {
		// Compared by subtraction, so that no sum can overflow.
		if z.Size < 1 || z.Row < 0 || z.Col < 0 || z.Size > rows || z.Size > cols || z.Row > rows-z.Size || z.Col > cols-z.Size {
			return v, fmt.Errorf("plots: Zoom %+v leaves the [%d, %d] matrix; Size must be positive and Row+Size and Col+Size within it", z, rows, cols)
		}
		v = view{row: z.Row, col: z.Col, rows: z.Size, cols: z.Size}
	}
	v.cellRows, v.cellCols = cellCount(v.rows), cellCount(v.cols)
	return v, nil
}

// cellCount returns into how many cells n channels are gathered: n, or as few
// as equal blocks of the least size need that gives at most maxCells.
func cellCount(n int) int {
	block := (n + maxCells - 1) / maxCells
	return (n + block - 1) / block
}

// averaged reports whether cells are means over blocks.
func (v view) averaged() bool { return v.cellRows < v.rows || v.cellCols < v.cols }

// correlationNote is the automatic part of the subtitle.
func correlationNote(m Matrix, v view, hm *heatmap) string {
	rows, cols := len(m.P), len(m.P[0])
	note := fmt.Sprintf("%d × %d channels", rows, cols)
	if hm.share != nil {
		note = fmt.Sprintf("%d channels · argmax on own index: %s %% (chance %s %%)", rows, percent(hm.diagonal), percent(1/float64(rows)))
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

// percent prints a share in percent: one decimal, or two significant digits
// below 1 %.
func percent(share float64) string {
	p := share * 100
	switch {
	case p == 0 || p == 100:
		return strconv.Itoa(int(p))
	case p >= 1:
		return strconv.FormatFloat(p, 'f', 1, 64)
	default:
		return strconv.FormatFloat(p, 'g', 2, 64)
	}
}
