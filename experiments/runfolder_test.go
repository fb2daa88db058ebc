package experiments

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// TestDamagedIdentity: a run.json with a flipped bit stands for no run, and a warning
// names it.
func TestDamagedIdentity(t *testing.T) {
	c, env := toydata.DigitsConfig(t, "bn", "source-only"), outputTo(t.TempDir())
	id := record.Identity{Config: c, Version: "a", Backend: "cpu", Devices: 1}
	folder, err := openRunFolder(env.Out, id.ID())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.close()
	if err := folder.start(id, env); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder.path, identityFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var warned []string
	wanted := id
	wanted.Version = "b"
	check := func() error {
		return refuseOthers(env.Out, wanted, func(err error) { warned = append(warned, err.Error()) })
	}
	if err := check(); err != nil || len(warned) > 0 {
		t.Fatalf("whole: error %v, warnings %q", err, warned)
	}
	for at := range whole {
		bad := slices.Clone(whole)
		bad[at] ^= 1 << (at % 8)
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		warned = nil
		if err := check(); err != nil || len(warned) != 1 || !strings.Contains(warned[0], path) {
			t.Fatalf("bit %d of byte %d: error %v, warnings %q", at%8, at, err, warned)
		}
	}
}
