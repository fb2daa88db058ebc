package input

import (
	"slices"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/internal/errortest"
)

// TestMatchClassesOfDigits: images in memory get the network's labels too.
func TestMatchClassesOfDigits(t *testing.T) {
	set := func(name string) Set {
		return Set{Name: name, Labels: []int32{0, 1, 1}, Classes: []string{"one", "two"}}
	}
	found := Found{digits: Data{Source: set("a"), Target: set("b").WithoutLabels(), Test: set("b")}}
	errortest.Says(t, found.MatchClasses([]string{"two"}, environment.Reporter{}), "classes of the network: 1, of a: 2")
	network := []string{"two", "one"}
	if err := found.MatchClasses(network, environment.Reporter{}); err != nil {
		t.Fatal(err)
	}
	for _, s := range []Set{found.digits.Source, found.digits.Target, found.digits.Test} {
		if !slices.Equal(s.Classes, network) || s.Labels != nil && !slices.Equal(s.Labels, []int32{1, 0, 0}) {
			t.Errorf("%s: labels %v of %q", s.Name, s.Labels, s.Classes)
		}
	}
	if found.digits.Target.Labels != nil || found.digits.Test.Labels == nil {
		t.Error("the target has labels, or its test images have none")
	}
}
