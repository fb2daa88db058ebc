package checksum

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

// toy is a value with a checksum in these tests.
type toy struct {
	Name   string    `json:"name"`
	Values []float64 `json:"values"`
}

var example = toy{"toy", []float64{0.1, -2e300}}

func marshal(t testing.TB, value any) []byte {
	t.Helper()
	text, err := Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestRoundTrip(t *testing.T) {
	text := marshal(t, example)
	for _, end := range []string{"", "\n", " \r\n"} {
		var got toy
		checked, err := Unmarshal(append(slices.Clone(text), end...), &got)
		if err != nil || !checked || got.Name != example.Name || !slices.Equal(got.Values, example.Values) {
			t.Errorf("end %q: %+v, checked %v, %v", end, got, checked, err)
		}
	}
}

// TestKnownSum compares with `printf '{"a":1}' | sha256sum`.
func TestKnownSum(t *testing.T) {
	const want = `{"a":1,"checksum":"sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"}`
	if got := marshal(t, map[string]int{"a": 1}); string(got) != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestWithout: an object of an older version is parsed and reported as unchecked.
func TestWithout(t *testing.T) {
	text, err := json.Marshal(example)
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(text); !errors.Is(err, ErrMissing) {
		t.Errorf("error %v", err)
	}
	var got toy
	if checked, err := Unmarshal(text, &got); checked || err != nil || got.Name != example.Name {
		t.Errorf("%+v, checked %v, %v", got, checked, err)
	}
	for _, text := range []string{"", "{", "{}", "[1]"} {
		if err := Verify([]byte(text)); !errors.Is(err, ErrMissing) {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

// TestDamage: no flipped bit, and no byte lost or slipped in, is taken for the
// object, with or without a checksum.
func TestDamage(t *testing.T) {
	text := append(marshal(t, example), '\n')
	requireRefused := func(what string, at int, bad []byte) {
		t.Helper()
		var got toy
		if checked, err := Unmarshal(bad, &got); err == nil {
			t.Errorf("%s at %d: %q is parsed as %+v, checked %v", what, at, bad, got, checked)
		}
	}
	for at := range text {
		for bit := range 8 {
			bad := slices.Clone(text)
			bad[at] ^= 1 << bit
			requireRefused("flipped bit", at, bad)
		}
		if at < len(text)-1 { // without the last newline the object is whole
			requireRefused("lost byte", at, slices.Delete(slices.Clone(text), at, at+1))
			requireRefused("byte slipped in", at, slices.Insert(slices.Clone(text), at, 'x'))
		}
	}
}

func TestMarshalRefuses(t *testing.T) {
	for _, value := range []any{1, []int{2}, struct{}{}, nil} {
		if text, err := Marshal(value); err == nil || !strings.Contains(err.Error(), "not a JSON object with fields") {
			t.Errorf("%v: %s, %v", value, text, err)
		}
	}
	if _, err := Marshal(func() {}); err == nil {
		t.Error("a function has a JSON form")
	}
}

// FuzzVerify: a text that agrees with its checksum does not after a flipped bit.
func FuzzVerify(f *testing.F) {
	f.Add(marshal(f, example), uint(0))
	f.Add([]byte(fieldStart+fieldEnd), uint(3))
	f.Fuzz(func(t *testing.T, text []byte, bit uint) {
		if Verify(text) != nil {
			return
		}
		bad := bytes.TrimRight(text, " \t\r\n")
		bit %= uint(8 * len(bad))
		bad[bit/8] ^= 1 << (bit % 8)
		if err := Verify(bad); err == nil {
			t.Errorf("%q passes with bit %d flipped", text, bit)
		}
	})
}
