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

// TestDamagedIdentity: an identity is read as it was written, and no file with a
// flipped bit is taken for one.
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
	if got, err := readIdentity(path); err != nil || len(got.Differences(id)) > 0 {
		t.Fatalf("whole: differs in %q, %v", got.Differences(id), err)
	}
	if err := damagedIdentities(env.Out); err != nil {
		t.Fatalf("whole: %v", err)
	}
	for at := range whole {
		bad := slices.Clone(whole)
		bad[at] ^= 1 << (at % 8)
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := damagedIdentities(env.Out); err == nil || !strings.Contains(err.Error(), path) {
			t.Fatalf("bit %d of byte %d: error %v", at%8, at, err)
		}
	}
}
