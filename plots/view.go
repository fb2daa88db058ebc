package plots

import (
	"fmt"

	"gonum.org/v1/gonum/floats"
)

// maxCells is the most cells that a heatmap has on a side; wider matrices are
// averaged over blocks. 256 cells on the 55 mm of a column figure are 0.2 mm
// each, about the finest that print resolves.
const maxCells = 256

// view is the part of a matrix that a heatmap shows, and its resolution.
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
			return v, fmt.Errorf("Zoom %+v leaves the [%d, %d] matrix; Size must be positive, and Row+Size and Col+Size within the matrix", z, rows, cols)
		}
		v = view{row: z.Row, col: z.Col, rows: z.Size, cols: z.Size}
	}
	v.cellRows, v.cellCols = cellCount(v.rows), cellCount(v.cols)
	return v, nil
}

// cellCount returns the number of cells of n channels: n, or as few as equal
// blocks of the least size need that gives at most maxCells.
func cellCount(n int) int {
	block := (n + maxCells - 1) / maxCells
	return (n + block - 1) / block
}

// averaged reports whether cells are means over blocks.
func (v view) averaged() bool { return v.cellRows < v.rows || v.cellCols < v.cols }

// block returns the channels [from, to) of cell i, of n channels in cells.
func block(i, n, cells int) (from, to int) {
	return i * n / cells, (i + 1) * n / cells
}

// means returns the cells of the view of p, [cellRows × cellCols].
func (v view) means(p [][]float64) []float64 {
	means := make([]float64, 0, v.cellRows*v.cellCols)
	for i := range v.cellRows {
		for j := range v.cellCols {
			r0, r1 := block(i, v.rows, v.cellRows)
			c0, c1 := block(j, v.cols, v.cellCols)
			sum := 0.0
			for _, row := range p[v.row+r0 : v.row+r1] {
				sum += floats.Sum(row[v.col+c0 : v.col+c1])
			}
			means = append(means, sum/float64((r1-r0)*(c1-c0)))
		}
	}
	return means
}

// shares returns, for every row of cells, the share of its channels with a hit.
func (v view) shares(hits []bool) []float64 {
	shares := make([]float64, v.cellRows)
	for i := range shares {
		from, to := block(i, v.rows, v.cellRows)
		shares[i] = hitShare(hits[v.row+from : v.row+to])
	}
	return shares
}
