// Package lower writes the program of a training step for XLA's CUDA compiler, on a
// machine without a GPU.
package lower

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/atomicfile"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/training"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
)

// dumpTo is the flag that says where XLA writes programs.
const dumpTo = "--xla_dump_to"

// lowering is set once this process has lowered a program.
var lowering atomic.Bool

// lowered finds the program among the files that XLA writes.
const lowered = "*.before_optimizations.hlo.pb"

// Lower writes the program of a configuration's training step to the file at
// path, as XLA's compiler for CUDA reads it: a serialized HloProto, not optimized
// yet, with forward pass, gradients, update of the weights and running
// statistics. Neither images nor weights are read: shapes are all that a program
// depends on. A backbone is of the variant of torchvision, and the network tells
// so many classes. With several devices it is the program before XLA splits it
// among them.
//
// XLA writes the program while the CPU plugin compiles it, which Lower keeps short
// by leaving out optimizations. The plugin takes these orders from $XLA_FLAGS, which
// Lower sets and restores, and reads the variable only once: Lower returns an error
// in a process that has used the plugin before, and programs that the process
// compiles later are not optimized.
func Lower(c config.Config, classes, devices int, path string) error {
	prepared, err := training.Prepare(c, backbone.TorchVision, environment.Compute{Devices: devices})
	if err != nil {
		return err
	}
	if classes < 2 {
		return fmt.Errorf("%d classes: want 2 or more", classes)
	}
	if set := os.Getenv(xlaflags.Env); strings.Contains(set, dumpTo) {
		return fmt.Errorf("$%s has %s already (%s), and XLA reads it once: want a new process without", xlaflags.Env, dumpTo, set)
	}
	dir, err := os.MkdirTemp("", "rn-lower-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	restore, err := xlaflags.Add(fmt.Sprintf("%s=%s --xla_dump_hlo_as_proto --xla_dump_hlo_pass_re=NONE --xla_backend_optimization_level=0", dumpTo, dir))
	if err != nil {
		return err
	}
	defer restore()
	if lowering.Swap(true) {
		return errors.New("XLA reads its flags once, so a process lowers one program: want a new process")
	}
	if err := compileStep(prepared, classes, dir); err != nil {
		return err
	}
	found, err := filepath.Glob(filepath.Join(dir, lowered))
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("XLA wrote %d programs, want 1: Lower has to be the first that a process asks of XLA", len(found))
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		return err
	}
	if data, err = forCUDA(data); err != nil {
		return fmt.Errorf("the program that XLA wrote: %w", err)
	}
	return atomicfile.WriteFile(path, data)
}

// compileStep compiles a training step for the CPU plugin's devices. dir is a folder
// for links.
func compileStep(p training.Prepared, classes int, dir string) error {
	example, err := p.Example()
	if err != nil {
		return err
	}
	backend, err := platform.NewForPrograms(dir)
	if err != nil {
		return err
	}
	defer backend.Finalize()
	store := model.NewStore()
	defer store.Finalize()
	t, err := training.New(backend, store, p, classes)
	if err != nil {
		return err
	}
	defer t.Finalize()
	batch := p.Config.BatchSize
	images := shapes.Make(dtypes.Float32, append([]int{batch}, example...)...)
	return t.Compile(images, shapes.Make(dtypes.Int32, batch), images, shapes.Make(dtypes.Float32))
}
