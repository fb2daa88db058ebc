package experiments

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments/atomicfile"
	"github.com/reciprocalnorm/rn/experiments/checksum"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// writeIdentity writes the identity of a run to its folder, with a checksum.
func writeIdentity(folder string, id record.Identity) error {
	text, err := checksum.Marshal(id)
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(folder, identityFile), append(text, '\n'))
}

// readIdentity reads what writeIdentity wrote. Older versions wrote no checksum.
func readIdentity(path string) (id record.Identity, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return id, err
	}
	_, err = checksum.Unmarshal(text, &id)
	return id, err
}

// damagedIdentities names the runs of an output folder whose identity cannot be
// read, and is nil if there are none.
func damagedIdentities(out string) error {
	paths, err := filepath.Glob(filepath.Join(out, runsDir, "*", identityFile))
	if err != nil {
		return fmt.Errorf("output folder: %w", err)
	}
	var errs []error
	for _, path := range paths {
		if _, err := readIdentity(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("output folder: %s cannot be read, so that run is not considered for --resume: %w", path, err))
		}
	}
	return errors.Join(errs...)
}
