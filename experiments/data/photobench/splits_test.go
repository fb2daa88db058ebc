package photobench

import (
	"strings"
	"testing"
)

// TestSplits checks that folders train and val with class folders below are not
// taken for classes, while classes of these names are.
func TestSplits(t *testing.T) {
	dir := t.TempDir()
	writeEmpty(t, dir, "a/Train/x/1.jpg", "a/Train/y/1.jpg", "a/val/x/1.jpg", "b/train/1.jpg", "b/test/1.jpg", "c/train/x/1.jpg", "c/bus/1.jpg", "d/train/x/1.jpg", "d/train/1.jpg")
	custom, l := lookup(t, "custom"), Location{Root: dir}
	_, err := custom.Load(l, "a")
	wantError(t, err, "splits", "Train, val", "--source a/Train")
	for _, domain := range []string{"a/Train", "b", "c", "d"} {
		if _, err := custom.Load(l, domain); err != nil {
			t.Errorf("%s: %v", domain, err)
		}
	}
	r, err := custom.check(t.Context(), l, nil, fakeDecode)
	if err != nil {
		t.Fatal(err)
	}
	if r.OK() || !strings.Contains(r.Domains[0].Error, "did you mean --source a/Train") {
		t.Errorf("%+v", r.Domains[0])
	}
}
