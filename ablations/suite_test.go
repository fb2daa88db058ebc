package ablations

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// digits is the configuration that the tests edit: the digits recipe.
func digits(t *testing.T) config.Config { return defaultOf(t, "digits") }

// defaultOf returns the default configuration of a recipe.
func defaultOf(t *testing.T, recipe string) config.Config {
	t.Helper()
	c, err := config.Default(recipe)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestOneEdit checks that every variant of every suite is valid on digits and on
// photographs and changes exactly one field of the configuration. The readings of "RC
// only" are the exception: they also set the own share, which has no meaning with gates.
func TestOneEdit(t *testing.T) {
	for _, recipe := range []string{"digits", "office-caltech10", "office-home"} {
		c := defaultOf(t, recipe)
		for _, s := range All() {
			rows, _, err := s.Rows(c)
			if err != nil {
				if recipe == "office-caltech10" && s.Name == "placement" { // frozen features: TestSuiteErrors
					continue
				}
				t.Errorf("%s: %v", recipe, err)
				continue
			}
			bases := 0
			for _, row := range rows {
				if row.Summary == "" || row.Name == "" {
					t.Errorf("%s: variant %+v has no name or summary", s.Name, row.Variant)
				}
				if err := row.Config.Validate(); err != nil {
					t.Errorf("%s %s %s: %v", recipe, s.Name, row.Name, err)
				}
				changes := config.Changes(c, row.Config)
				if row.Base {
					bases++
					if len(changes) > 0 {
						t.Errorf("%s %s: the base row %s changes %v", recipe, s.Name, row.Name, changes)
					}
					continue
				}
				if strings.HasPrefix(row.Name, "rc-only-") {
					changes = slices.DeleteFunc(changes, func(f string) bool { return f == "norm_options.own_share" })
				}
				if len(changes) != 1 || !strings.HasPrefix(changes[0], row.Edit.Field) {
					t.Errorf("%s %s %s: edit %s changes %v", recipe, s.Name, row.Name, row.Edit, changes)
				}
			}
			if bases != 1 {
				t.Errorf("%s %s: %d base rows", recipe, s.Name, bases)
			}
		}
	}
}

// TestReadings checks the settings of the components.
func TestReadings(t *testing.T) {
	suite, err := Lookup("components")
	if err != nil {
		t.Fatal(err)
	}
	c := digits(t)
	c.NormOptions.OwnShare = 0.3 // the readings set their own
	rows, _, err := suite.Rows(c)
	if err != nil {
		t.Fatal(err)
	}
	type reading struct {
		norm                  string
		compensate, aggregate bool
		share                 float64
	}
	want := map[string]reading{
		"bn": {"bn", true, true, 0.3}, "ds": {"ds", true, true, 0.3}, "rn": {"rn", true, true, 0.3},
		"rc-only-0.5": {"rn", true, false, 0.5}, "rc-only-0": {"rn", true, false, 0}, "ra-only": {"rn", false, true, 0.3},
	}
	got := make(map[string]reading)
	for _, r := range rows {
		o := r.Config.NormOptions
		got[r.Name] = reading{r.Config.Norm, o.Compensate, o.Aggregate, o.OwnShare}
	}
	if !maps.Equal(got, want) {
		t.Errorf("components %+v, want %+v", got, want)
	}
}

// TestRegistries checks the variants of suites that follow a registry or the network.
func TestRegistries(t *testing.T) {
	names := func(suite, recipe string) []string {
		t.Helper()
		s, err := Lookup(suite)
		if err != nil {
			t.Fatal(err)
		}
		rows, _, err := s.Rows(defaultOf(t, recipe))
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, r := range rows {
			all = append(all, r.Name)
		}
		return all
	}
	var norms, objectives []string
	for _, n := range rnlayer.All() {
		norms = append(norms, n.Name)
	}
	for _, o := range objective.All() {
		objectives = append(objectives, o.Name)
	}
	for _, c := range []struct {
		suite, recipe string
		want          []string
	}{
		{"norms", "digits", norms},
		{"objectives", "digits", objectives},
		{"activations", "digits", []string{"float32", "bfloat16"}},
		{"placement", "digits", []string{"conv1", "conv2", "hidden", "all"}},
		{"placement", "office-home", []string{"stem", "layer1", "layer2", "layer3", "layer4", "bottleneck", "all"}},
		{"gate-range", "digits", []string{"gate-0", "gate-0.25", "gate-0.5", "gate-0.75"}},
		{"groups", "digits", []string{"group-paper", "group-2", "group-4", "group-8"}},
		{"groups", "office-home", []string{"group-paper", "group-1", "group-2", "group-4", "group-8"}},
	} {
		if got := names(c.suite, c.recipe); !slices.Equal(got, c.want) {
			t.Errorf("%s on %s: %q, want %q", c.suite, c.recipe, got, c.want)
		}
	}
}

// TestSuiteErrors checks that errors say why a suite or a variant does not apply.
func TestSuiteErrors(t *testing.T) {
	bn, adabn, noGates, narrow := digits(t), digits(t), digits(t), defaultOf(t, "office-caltech10")
	adabn.Norm, bn.Norm, noGates.NormOptions.Aggregate, narrow.Network.Bottleneck = "adabn", "bn", false, 100
	for _, c := range []struct {
		suite  string
		config config.Config
		want   string
	}{
		{"components", bn, "it varies RN, but the norm is bn"},
		{"gate-range", noGates, "it varies the gates of aggregation"},
		{"statistics", bn, "the norm is bn"},
		{"momentum", adabn, "norm adabn computes statistics over all target images"},
		{"placement", bn, "the other places have bn too"},
		{"placement", defaultOf(t, "office-caltech10"), "trains one norm, at bottleneck"},
	} {
		s, err := Lookup(c.suite)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Rows(c.config); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.suite) {
			t.Errorf("%s: error %v, want %q", c.suite, err, c.want)
		}
	}
	if _, err := Lookup("nope"); err == nil || !strings.Contains(err.Error(), "components, gate-range") {
		t.Errorf("error %v", err)
	}
	s, err := Lookup("groups")
	if err != nil {
		t.Fatal(err)
	}
	_, out, err := s.Rows(narrow)
	if err != nil {
		t.Fatal(err)
	}
	if len(out) != 2 || out[1].Variant.Name != "group-8" || !strings.Contains(out[1].Reason.Error(), "100 channels of bottleneck") {
		t.Errorf("variants that do not apply: %+v", out)
	}
	gates, err := Lookup("gate-range")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gates.Plan(digits(t), 2, "gate-0", "gate-9"); err == nil || !strings.Contains(err.Error(), `"gate-9" of suite gate-range: want one of gate-0, gate-0.25`) {
		t.Errorf("error %v", err)
	}
	if _, err := gates.Plan(digits(t), 0); err == nil || !strings.Contains(err.Error(), "0 seeds") {
		t.Errorf("error %v", err)
	}
}

// TestUselessVariants checks the errors for a second variant that changes nothing, two
// equal variants, and bad edits, and the base row of a suite that lacks one.
func TestUselessVariants(t *testing.T) {
	suite := func(edits ...config.Edit) Suite {
		return Suite{Name: "made-up", variants: func(config.Config) []Variant {
			var all []Variant
			for i, e := range edits {
				all = append(all, Variant{Name: string(rune('a' + i)), Edit: e})
			}
			return all
		}}
	}
	for _, c := range []struct {
		edits []config.Edit
		want  string
	}{
		{[]config.Edit{set("norm", "rn"), set("norm_options.gate_min", 0.5), set("norm", "bn")}, "variant b: edit norm_options.gate_min=0.5: the edit changes nothing"},
		{[]config.Edit{set("norm", "bn"), set("norm", "bn")}, "variants a and b are the same"},
		{[]config.Edit{set("", "bn")}, "variant a: the edit names no field"},
		{[]config.Edit{set("norm_option", "bn")}, "norm_option"},
		{[]config.Edit{set("steps", -1)}, "steps is -1"},
	} {
		if _, _, err := suite(c.edits...).Rows(digits(t)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want %q", c.edits, err, c.want)
		}
	}
	rows, _, err := suite(config.Edit{Field: "norm", Value: "bn"}).Rows(digits(t))
	if err != nil || len(rows) != 2 || rows[0].Name != "base" || !rows[0].Base || rows[1].Base {
		t.Errorf("rows %+v, error %v", rows, err)
	}
}
