package digits

import "testing"

func TestRegistry(t *testing.T) {
	for _, spec := range All() {
		found, err := Lookup(spec.Name)
		if err != nil || found.Name != spec.Name {
			t.Errorf("Lookup(%q): %q, %v", spec.Name, found.Name, err)
		}
		if spec.Summary == "" || spec.Source == "" || spec.License == "" || len(spec.Files) == 0 || spec.Load == nil {
			t.Errorf("%s: a field is empty: %+v", spec.Name, spec)
		}
	}
	_, err := Lookup("svhn")
	wantError(t, err, `unknown data set "svhn": want one of mnist, usps, uci`)
}
