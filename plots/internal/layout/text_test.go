package layout

import (
	"slices"
	"strings"
	"testing"
)

func TestWrap(t *testing.T) {
	s := Text(SmallSize, nil)
	width := s.Width("one two three")
	got, err := wrap(s, "  one two three four\tfive ", width)
	if want := []string{"one two three", "four five"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("wrap = %q, %v; want %q", got, err, want)
	}
	for _, line := range got {
		if s.Width(line) > width {
			t.Errorf("line %q is wider than %v", line, width)
		}
	}
	if lines, err := wrap(s, "", width); len(lines) > 0 || err != nil {
		t.Errorf("wrap of an empty text = %q, %v; want no lines", lines, err)
	}
	if _, err := wrap(s, "a "+strings.Repeat("long", 20), width); err == nil || !strings.Contains(err.Error(), "wider than the figure") {
		t.Errorf("wrap of a long word: error %v; want one that says how to fit it", err)
	}
}

func TestCheckText(t *testing.T) {
	if err := CheckText("Title", "amazon → dslr, ±0.5 % · Δ"); err != nil {
		t.Error(err)
	}
	for txt, want := range map[string]string{"a\nb": "U+000A", "\xff": "not valid UTF-8", "中": "U+4E2D"} {
		if err := CheckText("Title", txt); err == nil || !strings.HasPrefix(err.Error(), "Title ") || !strings.Contains(err.Error(), want) {
			t.Errorf("CheckText(%q) = %v; want an error about Title that contains %q", txt, err, want)
		}
	}
}
