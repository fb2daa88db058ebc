package golden_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

func TestEmbedded(t *testing.T) {
	files, err := golden.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[golden.Kind]int)
	for i, f := range files {
		counts[f.Kind]++
		if i > 0 && files[i-1].Path >= f.Path {
			t.Errorf("%s comes after %s", f.Path, files[i-1].Path)
		}
		set := []golden.Kind{}
		for kind, there := range map[golden.Kind]bool{
			golden.KindLayer: f.Layer != nil, golden.KindTrajectory: f.Trajectory != nil, golden.KindLosses: f.Losses != nil,
			golden.KindResNet: f.ResNet != nil, golden.KindNorm: f.Norm != nil, golden.KindObjective: f.Objective != nil,
			golden.KindPartial: f.Partial != nil,
		} {
			if there {
				set = append(set, kind)
			}
		}
		if !slices.Equal(set, []golden.Kind{f.Kind}) {
			t.Errorf("%s: kind %q, but the contents of %q are set", f.Path, f.Kind, set)
		}
	}
	want := map[golden.Kind]int{
		golden.KindLayer: 10, golden.KindTrajectory: 2, golden.KindLosses: 1, golden.KindResNet: 1,
		golden.KindNorm: 15, golden.KindObjective: 17, golden.KindPartial: 2,
	}
	if !maps.Equal(counts, want) {
		t.Errorf("got %v files by kind, expected %v", counts, want)
	}
}

// TestReferences: cases/README.md names the repository and commit behind every
// file.
func TestReferences(t *testing.T) {
	readme, err := os.ReadFile("cases/README.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := golden.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		var references []golden.Reference
		switch f.Kind {
		case golden.KindNorm:
			references = []golden.Reference{f.Norm.Reference}
		case golden.KindObjective:
			references = slices.Collect(maps.Values(f.Objective.References))
		case golden.KindPartial:
			references = slices.Collect(maps.Values(f.Partial.References))
		}
		for _, r := range references {
			if row := "| " + r.Repository + " | " + r.Commit[:12] + " |"; !strings.Contains(string(readme), row) {
				t.Errorf("%s: cases/README.md has no row %q", f.Path, row)
			}
		}
	}
}

func TestReadEmbedded(t *testing.T) {
	file, err := golden.ReadEmbedded("norms/dsbn_1d_c8_k3.json")
	if err != nil {
		t.Fatal(err)
	}
	if file.Path != "norms/dsbn_1d_c8_k3.json" || len(file.Norm.Domains) != 3 {
		t.Errorf("got %s with domains %q", file.Path, file.Norm.Domains)
	}
	if _, err := golden.ReadEmbedded("none.json"); err == nil || !strings.Contains(err.Error(), "none.json") {
		t.Errorf("missing file: got error %v", err)
	}
}
