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
	for want, message := range map[string]string{
		"batch": `unknown norm "batch": want one of bn, rn`,
		"ren":   `unknown norm "ren": did you mean rn? want one of bn, rn`,
	} {
		if got, err = Find("norm", want, all, name); err == nil || err.Error() != message || got.name != "" {
			t.Errorf("Find = %v, %v, want the error %q", got, err, message)
		}
	}
	if got := Names(all, name); !slices.Equal(got, []string{"bn", "rn"}) {
		t.Errorf("Names = %q", got)
	}
}

// TestClosest checks that typing errors find their name and other words none.
func TestClosest(t *testing.T) {
	known := []string{"bn", "adabn", "ds", "dsbn", "autodial", "transnorm", "dwt", "rn", "office-home", "office-31", "cdan-e"}
	for written, want := range map[string]string{
		"RN": "rn", "rnn": "rn", "dsnb": "dsbn", "autodail": "autodial", "tranznorm": "transnorm",
		"officehome": "office-home", "Office_Home": "office-home", "cdane": "cdan-e", "cdan+e": "cdan-e",
		"nope": "", "x": "", "": "", "batchnorm": "", "digits": "",
	} {
		if got, ok := Closest(written, known); got != want || ok != (want != "") {
			t.Errorf("Closest(%q) = %q, %v, want %q", written, got, ok, want)
		}
	}
}
