package objective_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/objective"
)

func TestRegistry(t *testing.T) {
	var names []string
	for _, s := range objective.All() {
		names = append(names, s.Name)
		if s.Summary == "" || s.Reference == "" || s.New == nil {
			t.Errorf("%s: summary %q, reference %q or New is missing", s.Name, s.Summary, s.Reference)
		}
		got, err := objective.Lookup(s.Name)
		if err != nil || got.Name != s.Name {
			t.Errorf("Lookup(%q) = %q, %v", s.Name, got.Name, err)
		}
		if s.Adversarial && !s.UsesTarget {
			t.Errorf("%s is adversarial but does not use target rows", s.Name)
		}
	}
	want := []string{"source-only", "entropy", "dann", "cdan", "cdan-e"}
	if len(names) < len(want) || !slices.Equal(names[:len(want)], want) {
		t.Errorf("All() = %v, want %v first", names, want)
	}
	_, err := objective.Lookup("cdan+e")
	if err == nil {
		t.Fatal("Lookup of an unknown name has no error")
	}
	for _, part := range append(names, `"cdan+e"`) {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not name %s", err, part)
		}
	}
}

func TestOptionsValidate(t *testing.T) {
	if err := objective.DefaultOptions().Validate(); err != nil {
		t.Errorf("default options: %v", err)
	}
	for _, test := range []struct {
		edit func(*objective.Options)
		want string
	}{
		{func(o *objective.Options) { o.TransferWeight = -1 }, "transfer weight is -1"},
		{func(o *objective.Options) { o.TransferWeight = math.Inf(1) }, "transfer weight is +Inf"},
		{func(o *objective.Options) { o.EntropyWeight = math.NaN() }, "entropy weight is NaN"},
		{func(o *objective.Options) { o.DiscriminatorHidden = 0 }, "hidden width is 0"},
		{func(o *objective.Options) { o.Dropout = 1 }, "dropout is 1"},
		{func(o *objective.Options) { o.Dropout = -0.5 }, "dropout is -0.5"},
		{func(o *objective.Options) { o.RandomDim = -2 }, "width is -2"},
	} {
		o := objective.DefaultOptions()
		test.edit(&o)
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q in it", err, test.want)
		}
	}
	if err := (objective.Options{DiscriminatorHidden: -1, Dropout: 2}).Validate(); strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("two faults are reported as %q", err)
	}
}

func TestOptionsJSON(t *testing.T) {
	o := objective.DefaultOptions()
	o.RandomDim, o.Dropout = 512, 0
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"transfer_weight":1,"entropy_weight":0.1,"discriminator_hidden":1024,"dropout":0,"random_dim":512}`
	if string(data) != want {
		t.Errorf("options are written as %s, want %s", data, want)
	}
	var back objective.Options
	if err := json.Unmarshal(data, &back); err != nil || back != o {
		t.Errorf("options are read back as %+v, %v", back, err)
	}
}
