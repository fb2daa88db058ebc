package layout

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

const column = 85 * vg.Millimeter

func header(t *testing.T, title, subtitle, note string, l Legend) Header {
	t.Helper()
	h, err := NewHeader(column, Light(), title, subtitle, note, l)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestHeaderHeight checks that every part of a header takes its height off the
// body.
func TestHeaderHeight(t *testing.T) {
	var l Legend
	l.Add("RN")
	last := vg.Length(0)
	for i, h := range []Header{
		header(t, "", "", "", Legend{}),
		header(t, "Title", "", "", Legend{}),
		header(t, "Title", "seed 3", "", Legend{}),
		header(t, "Title", "seed 3", strings.Repeat("a long note ", 20), Legend{}),
		header(t, "Title", "seed 3", strings.Repeat("a long note ", 20), l),
	} {
		if h.Height() <= last {
			t.Errorf("header %d has height %v; want more than %v", i, h.Height(), last)
		}
		last = h.Height()
		body := h.NominalBody(300)
		if got, want := body.Size(), (vg.Point{X: column - 2*Margin, Y: 300 - Margin - h.Height()}); math.Abs(float64(got.X-want.X))+math.Abs(float64(got.Y-want.Y)) > 1e-9 {
			t.Errorf("the body of header %d has size %v; want %v", i, got, want)
		}
	}
}

func TestFigureHeight(t *testing.T) {
	h := header(t, "Title", "", "", Legend{})
	if got, err := h.FigureHeight(0, 100); err != nil || got != h.Height()+100+Margin {
		t.Errorf("fitting height %v, %v; want header, panels and margin", got, err)
	}
	if got, err := h.FigureHeight(200, 100); err != nil || got != 200 {
		t.Errorf("given height 200 became %v, %v", got, err)
	}
	if _, err := h.FigureHeight(h.Height()+20, 100); err == nil || !strings.Contains(err.Error(), "leaves no room") {
		t.Errorf("a low figure: error %v; want one that says how high it must be", err)
	}
}

// TestLegendRows checks that entries wrap inside the margins, and that many of
// them stand in columns.
func TestLegendRows(t *testing.T) {
	s := Text(SmallSize, nil)
	for _, n := range []int{1, 5, 40} {
		l := Legend{SampleWidth: LineSample}
		for i := range n {
			l.Add(strings.Repeat("n", 1+i%7) + fmt.Sprint(i))
		}
		rows, err := l.rows(column, s)
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		columns := map[vg.Length]bool{}
		for _, row := range rows {
			for i, e := range row {
				count++
				columns[e.x] = true
				right := e.x + LineSample + sampleGap + s.Width(e.name)
				if right > column-Margin || i+1 < len(row) && right > row[i+1].x {
					t.Errorf("%d entries: %q ends at %v, beyond the margin or the next entry", n, e.name, right)
				}
			}
		}
		if count != n {
			t.Errorf("%d of %d entries have a place", count, n)
		}
		if n > columnsFrom && len(columns) != len(rows[0]) {
			t.Errorf("%d entries start at %d places in rows of %d; want columns", n, len(columns), len(rows[0]))
		}
	}
	var l Legend
	l.Add(strings.Repeat("name ", 40))
	if _, err := l.rows(column, s); err == nil || !strings.Contains(err.Error(), "wider than the figure") {
		t.Errorf("a long name: error %v; want one that says how to fit it", err)
	}
}

func TestJoinNotes(t *testing.T) {
	for _, tt := range [][3]string{{"", "", ""}, {"a", "", "a"}, {"", "b", "b"}, {"a", "b", "a · b"}} {
		if got := JoinNotes(tt[0], tt[1]); got != tt[2] {
			t.Errorf("JoinNotes(%q, %q) = %q; want %q", tt[0], tt[1], got, tt[2])
		}
	}
}
