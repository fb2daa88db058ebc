package input

import (
	"fmt"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
	"github.com/reciprocalnorm/rn/experiments/environment"
)

// Loading are the loader's options: how many photographs are read at a time, and
// what happens to those that cannot be read.
func Loading(images environment.Images, report environment.Reporter) loader.Options {
	o := loader.Options{Workers: images.Workers, Pool: images.Pool}
	if images.SkipBroken {
		o.Broken = loader.Skip
		o.OnBroken = func(_ int, err error) { report.ReportWarning(fmt.Errorf("left out: %w", err)) }
	}
	return o
}
