package main

import "testing"

// TestNewsWithDates: a warning that begins with a date is news, progress is not.
func TestNewsWithDates(t *testing.T) {
	const warning = "2026/11/28 05:28:16 XLA cache: switched off: it belongs to user 65534"
	if got := news(nil, []byte("features: 3/40  1s\nstep 4/40\n"+warning+"\n")); len(got) != 1 {
		t.Errorf("news %q, want the warning alone", got)
	}
}
