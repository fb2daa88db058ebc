package config

import (
	"encoding/json"
	"errors"
	"testing"
)

// FuzzParseEdit checks that an edit survives writing and reading, and that it changes a
// configuration or says why not.
func FuzzParseEdit(f *testing.F) {
	for _, text := range []string{"norm=bn", "norm_options.gate_min=0.25", `norm_options={"aggregate":false,"own_share":0}`, "steps=1e3", "a.b..c=null", "=", "steps"} {
		f.Add(text)
	}
	base, err := Default("digits")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		edit, err := ParseEdit(text)
		if err != nil {
			return
		}
		again, err := ParseEdit(edit.String())
		if err != nil || again.Field != edit.Field {
			t.Fatalf("%q is written as %q and read back as %+v, %v", text, edit.String(), again, err)
		}
		before := base.ID()
		edited, err := edit.Apply(base)
		if base.ID() != before {
			t.Fatalf("%q changed the configuration that it was applied to", text)
		}
		if err == nil && len(Changes(base, edited)) == 0 {
			t.Errorf("%q changes nothing and is no error", text)
		}
		if set, setErr := edit.Set(base); errors.Is(err, ErrChangesNothing) && (setErr != nil || set.ID() != before) {
			t.Errorf("%q changes nothing, but Set returns %v", text, setErr)
		}
	})
}

// FuzzConfigJSON checks that a configuration that can be read survives writing and
// reading, with the same id, and that Validate does not panic.
func FuzzConfigJSON(f *testing.F) {
	for _, recipe := range []string{"digits", "office-home"} {
		c, err := Default(recipe)
		if err != nil {
			f.Fatal(err)
		}
		data, err := json.Marshal(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"activations":"bfloat16","norm_at":[],"seed":-1}`))
	f.Add([]byte(`{"optimizer":{"rules":[{"prefix":"/head"}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var first, second Config
		if decode(data, &first) != nil {
			return
		}
		_ = first.Validate()
		written, err := json.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		if err := decode(written, &second); err != nil {
			t.Fatalf("%s is not read back: %v", written, err)
		}
		if first.ID() != second.ID() {
			t.Errorf("%s is read back with other values: %v", written, Changes(first, second))
		}
	})
}
