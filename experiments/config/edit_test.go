package config

import (
	"errors"
	"strings"
	"testing"
)

// digitsOf is the configuration that the tests edit.
func digitsOf(t *testing.T) Config {
	t.Helper()
	c, err := Default("digits")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestApply(t *testing.T) {
	c := digitsOf(t)
	c.NormAt = []string{"conv1"}
	before := c.ID()
	for _, e := range []struct {
		edit Edit
		want string // empty for none
	}{
		{Edit{Field: "norm_at", Value: []string{"conv2", "hidden"}}, ""},
		{Edit{Field: "optimizer.momentum", Value: 0.8}, ""},
		{Edit{Field: "network.backbone", Value: "resnet18"}, ""}, // not in the JSON of digits
		{Edit{Field: "norm_options.gate_minimum", Value: 0.1}, "gate_minimum"},
		{Edit{Field: "norm.gate_min", Value: 0.1}, "norm"},
		{Edit{Field: "steps", Value: "many"}, "steps"},
		{Edit{Field: "", Value: 1}, "names no field"},
		{Edit{Field: "norm", Value: "rn"}, "changes nothing"},
	} {
		got, err := e.edit.Apply(c)
		if (err == nil) != (e.want == "") || err != nil && !strings.Contains(err.Error(), e.want) {
			t.Errorf("%s: error %v, want %q", e.edit, err, e.want)
		}
		if changes := Changes(c, got); err == nil && (len(changes) == 0 || changes[0] != e.edit.Field && e.edit.Field != "network.backbone") {
			t.Errorf("%s changes %v", e.edit, changes)
		}
		if c.ID() != before {
			t.Fatalf("%s changed the configuration it was given", e.edit)
		}
	}
	if _, err := (Edit{Field: "norm", Value: "rn"}).Apply(c); !errors.Is(err, ErrChangesNothing) {
		t.Errorf("error %v", err)
	}
}
