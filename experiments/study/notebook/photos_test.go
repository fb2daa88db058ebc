package notebook

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/data/digits"
)

func TestPhotos(t *testing.T) {
	checkout := t.TempDir()
	cells := filepath.Join(checkout, "rn", "notebooks")
	beside := filepath.Join(checkout, "shared", "data", "office")
	given := t.TempDir()
	for _, dir := range []string{cells, beside, filepath.Join(given, "office")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(cells)
	t.Setenv(digits.DataEnv, "")
	if got, want := Photos("office"), filepath.Join("..", "..", "shared", "data", "office"); got != want {
		t.Errorf("photographs in %q, want those beside the checkout, %q", got, want)
	}
	t.Setenv(digits.DataEnv, given)
	if got, want := Photos("office"), filepath.Join(given, "office"); got != want {
		t.Errorf("photographs in %q, want those of $%s, %q", got, digits.DataEnv, want)
	}
	if got := Photos("home"); got != "" {
		t.Errorf("photographs that are nowhere were found in %q", got)
	}
}
