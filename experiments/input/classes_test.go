package input_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/internal/errortest"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
)

// collectTo is a reporter that collects warnings.
func collectTo(warnings *[]error) environment.Reporter {
	return environment.Reporter{Warn: func(err error) { *warnings = append(*warnings, err) }}
}

// TestMatchClasses: the domains get the network's labels and class names, whatever
// the order and spelling of the folders; other classes are refused.
func TestMatchClasses(t *testing.T) {
	root := toydata.Photographs(t, 2)
	if err := os.Rename(filepath.Join(root, "winter", "green"), filepath.Join(root, "winter", "GREEN")); err != nil { // sorted before blue
		t.Fatal(err)
	}
	find := func() input.Found {
		t.Helper()
		found, err := input.Find(context.Background(), photosConfig(t), environment.Images{Root: root}, environment.Reporter{})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	for name, network := range map[string][]string{"the same": {"blue", "green", "red"}, "another order": {"Red", "blue", "green"}} {
		found := find()
		if err := found.MatchClasses(network, environment.Reporter{}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		d, err := found.Data()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []input.Set{d.Source, d.Target, d.Test} {
			if !slices.Equal(s.Classes, network) {
				t.Errorf("%s: classes of %s are %q", name, s.Name, s.Classes)
			}
		}
		if d.Target.Labels != nil {
			t.Errorf("%s: the target has got labels", name)
		}
		for _, p := range []*input.Photographs{found.Source, found.Target} {
			for i, path := range p.Paths {
				if class := network[p.Labels[i]]; !strings.EqualFold(class, filepath.Base(filepath.Dir(path))) {
					t.Errorf("%s: %s has the label of %s", name, path, class)
				}
			}
		}
	}
	found := find()
	errortest.Says(t, found.MatchClasses([]string{"blue", "green", "reds"}, environment.Reporter{}),
		"the classes of the network and summer differ", `class "reds" of the network is not in summer, which has "red"`)
	var warnings []error
	if err := found.MatchClasses(nil, collectTo(&warnings)); err != nil || len(warnings) != 1 || !strings.Contains(warnings[0].Error(), "unchecked") {
		t.Errorf("a network without class names: error %v, warnings %v", err, warnings)
	}
}

// TestUnnamedClasses: a pair of a list without class names and named folders is used
// with a warning, and the network gets the names.
func TestUnnamedClasses(t *testing.T) {
	root := toydata.Photographs(t, 1)
	var list strings.Builder
	for label, class := range toydata.Classes {
		data, err := os.ReadFile(filepath.Join(root, toydata.Photograph("summer", class, 0)))
		if err != nil {
			t.Fatal(err)
		}
		name := string(rune('a'+label)) + ".png"
		toydata.WriteFile(t, filepath.Join(root, name), data)
		list.WriteString(name + " " + string(rune('0'+label)) + "\n")
	}
	toydata.WriteFile(t, filepath.Join(root, "summer.txt"), []byte(list.String()))
	for _, pair := range [][2]string{{"summer", "winter"}, {"winter", "summer"}} {
		c := photosConfig(t)
		c.Source, c.Target = pair[0], pair[1]
		var warnings []error
		found, err := input.Find(context.Background(), c, environment.Images{Root: root}, collectTo(&warnings))
		if err != nil {
			t.Fatal(err)
		}
		if len(warnings) != 1 || !strings.Contains(warnings[0].Error(), "summer does not name its classes") {
			t.Errorf("%v: warnings %v", pair, warnings)
		}
		d, err := found.Data()
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Classes(); !slices.Equal(got, toydata.Classes[:]) {
			t.Errorf("%v: the network's classes are %q", pair, got)
		}
		if err := found.MatchClasses(d.Classes(), environment.Reporter{}); err != nil {
			t.Errorf("%v: %v", pair, err)
		}
	}
}
