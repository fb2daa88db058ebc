package experiments

import (
	"context"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestOptionsOfNorms trains with options changed: a norm's variables change exactly if
// it declares the option. The gates' minimum is 1, which holds the gates where they
// start.
func TestOptionsOfNorms(t *testing.T) {
	backend := toydata.Backend(t)
	trained := func(norm string, edits ...config.Edit) string {
		t.Helper()
		c := toydata.DigitsConfig(t, norm, "entropy")
		for _, e := range edits {
			var err error
			if c, err = e.Apply(c); err != nil {
				t.Fatal(err)
			}
		}
		r, err := runToy(context.Background(), backend, c, toydata.Digits(), outputTo(t.TempDir()))
		if err != nil {
			t.Fatal(err)
		}
		return r.StateSHA256
	}
	set := func(option string, value any) config.Edit {
		return config.Edit{Field: "norm_options." + option, Value: value}
	}
	edits := map[string]config.Edit{
		"compensate": set("compensate", false), "aggregate": set("aggregate", false), "gate_min": set("gate_min", 1),
		"share": set("share", "mean"), "distance": set("distance", "l1"), "group_size": set("group_size", 2),
	}
	for _, norm := range rnlayer.All() {
		want := trained(norm.Name)
		declared := make(map[string]bool)
		for _, option := range norm.Options {
			declared[option] = true
		}
		undeclared := []config.Edit{}
		for option, edit := range edits {
			if !declared[option] {
				undeclared = append(undeclared, edit)
			} else if trained(norm.Name, edit) == want {
				t.Errorf("%s declares option %s, which changes nothing", norm.Name, option)
			}
		}
		if !declared["own_share"] {
			undeclared = append(undeclared, set("own_share", 0.25))
		} else if off := set("aggregate", false); trained(norm.Name, off) == trained(norm.Name, off, set("own_share", 0.25)) {
			t.Errorf("%s declares option own_share, which changes nothing", norm.Name)
		}
		if len(undeclared) > 0 && trained(norm.Name, undeclared...) != want {
			t.Errorf("%s reads options that it does not declare", norm.Name)
		}
	}
}
