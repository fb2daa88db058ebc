package notebook

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/data/digits"
)

func TestPhotos(t *testing.T) {
	checkout := t.TempDir()
	cells := filepath.Join(checkout, "notebooks")
	given := t.TempDir()
	for _, dir := range []string{cells, filepath.Join(checkout, "data", "office"), filepath.Join(checkout, "data", "home"), filepath.Join(given, "office")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(cells)
	t.Setenv(digits.DataEnv, "")
	if got, want := Photos("office"), filepath.Join("..", "data", "office"); got != want {
		t.Errorf("Photos = %q, want %q in the checkout", got, want)
	}
	t.Setenv(digits.DataEnv, given)
	if got, want := Photos("office"), filepath.Join(given, "office"); got != want {
		t.Errorf("Photos = %q, want %q in $%s", got, want, digits.DataEnv)
	}
	if got := Photos("home"); got != "" {
		t.Errorf("Photos = %q, want none: $%s has no such folder", got, digits.DataEnv)
	}
}
