package registry

import (
	"slices"
	"testing"
)

type norm struct{ name string }

func name(n norm) string { return n.name }

func TestFind(t *testing.T) {
	all := []norm{{"bn"}, {"rn"}}
	got, err := Find("norm", "rn", all, name)
	if err != nil || got.name != "rn" {
		t.Errorf("Find = %v, %v, want rn", got, err)
	}
	got, err = Find("norm", "batch", all, name)
	if want := `unknown norm "batch": want one of bn, rn`; err == nil || err.Error() != want || got.name != "" {
		t.Errorf("Find = %v, %v, want the error %q", got, err, want)
	}
	if got := Names(all, name); !slices.Equal(got, []string{"bn", "rn"}) {
		t.Errorf("Names = %q", got)
	}
}
