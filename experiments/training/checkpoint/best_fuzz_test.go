package checkpoint

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzBest checks that a mark of any content is read or refused, and that a folder
// whose mark is damaged does not count as one without a mark.
func FuzzBest(f *testing.F) {
	for _, text := range []string{`{"step":500}`, `{"step":-1}`, `{"step":1e3}`, `{}`, `null`, ``, `{"step":500}{`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, bestFile), text, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readBest(dir, func(error) {}); errors.Is(err, ErrNone) {
			t.Errorf("%q counts as no mark: %v", text, err)
		}
	})
}
