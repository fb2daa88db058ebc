package main

import (
	"strings"
	"testing"
	"time"
)

// TestPreparing: a preparation is shown once it takes longer than a moment, at each
// tenth.
func TestPreparing(t *testing.T) {
	var out strings.Builder
	b := newBar(&out, 0)
	for done := 1; done <= 20; done++ {
		b.preparing("checksums", done, 20)
	}
	if out.Len() > 0 {
		t.Errorf("a quick preparation says %q", out.String())
	}
	b.preparing("features", 1, 100)
	b.began = time.Now().Add(-8 * time.Second)
	for done := 2; done <= 100; done++ {
		b.preparing("features", done, 100)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 10 || !strings.HasPrefix(lines[0], "features: 10/100  8s, 1m12s left") || !strings.HasPrefix(lines[9], "features: 100/100") {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
}
