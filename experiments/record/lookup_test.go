package record

import (
	"testing"
	"time"
)

// TestLatestOfEach checks that a run keeps its latest result by time, not by place,
// and the later place where times are equal. Other seeds, data and devices are other
// runs; another version of the code is the same run.
func TestLatestOfEach(t *testing.T) {
	made := func(id string, seed int64, at int64, change func(*Result)) Result {
		r := toyResult(t, seed, 0.5)
		r.ID, r.Time = id, time.Unix(at, 0)
		if change != nil {
			change(&r)
		}
		return r
	}
	all := []Result{
		made("old", 0, 1, nil),
		made("other seed", 1, 9, nil),
		made("new", 0, 3, func(r *Result) { r.GitCommit = "v2" }),
		made("between", 0, 2, nil),
		made("other seed, again", 1, 9, nil),
		made("other data", 0, 0, func(r *Result) { r.Digests = map[string]string{DigestTest: "feed"} }),
		made("other devices", 0, 0, func(r *Result) { r.Devices = 2 }),
	}
	want := []string{"new", "other seed, again", "other data", "other devices"}
	got := LatestOfEach(all)
	for i, r := range got {
		if i >= len(want) || r.ID != want[i] {
			t.Errorf("result %d is %q, want %q", i, r.ID, want)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d results, want %d", len(got), len(want))
	}
	type line struct {
		Suite string
		Result
	}
	lines := LatestOfEach([]line{{"a", all[0]}, {"b", all[2]}})
	if len(lines) != 1 || lines[0].Suite != "b" {
		t.Errorf("lines %+v, want b", lines)
	}
	if r, ok := Latest(all, func(r Result) bool { return r.Seed == 0 && r.Devices == 0 && r.Digests == nil }); !ok || r.ID != "new" {
		t.Errorf("latest %q, %v", r.ID, ok)
	}
}
