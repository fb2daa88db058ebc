package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// States that trials start from.
const (
	stateEmpty   = "empty"   // no output folder
	stateDigits  = "digits"  // a finished run of digits
	stateHalf    = "half"    // a run of digits that was killed half-way
	stateFrozen  = "frozen"  // features of photographs in the cache, no run
	stateGrid    = "grid"    // results of a comparison
	stateWeights = "weights" // copies of the weights
)

// states make the folder of a state.
var states map[string]func(ctx context.Context, l *lab, dir string) error

func init() { // the functions refer to the map through commands
	states = map[string]func(ctx context.Context, l *lab, dir string) error{
		stateEmpty:  func(_ context.Context, _ *lab, dir string) error { return os.Mkdir(dir, 0o755) },
		stateDigits: func(ctx context.Context, l *lab, dir string) error { return finished(ctx, l, trainDigits, dir, "out") },
		stateHalf:   halfFinished,
		stateFrozen: func(ctx context.Context, l *lab, dir string) error {
			return finished(ctx, l, trainFrozen, dir, filepath.Join("cache", "features"))
		},
		stateGrid: func(ctx context.Context, l *lab, dir string) error { return finished(ctx, l, compare, dir, "out") },
		stateWeights: func(_ context.Context, l *lab, dir string) error {
			if err := os.Mkdir(dir, 0o755); err != nil {
				return err
			}
			for _, name := range []string{"weights.safetensors", "weights.pth"} {
				if err := copyFile(filepath.Join(l.dir, name), filepath.Join(dir, name), 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// finished runs a command to its end and keeps a part of its folder.
func finished(ctx context.Context, l *lab, c command, dir, part string) error {
	work := dir + ".work"
	defer os.RemoveAll(work)
	if err := l.place(ctx, c.state, work); err != nil {
		return err
	}
	o, err := l.callWithin(ctx, referenceLimit, c, work, false)
	if err != nil {
		return err
	}
	if o.ending.code != 0 {
		return fmt.Errorf("%s: exit code %d: %s", c.name, o.ending.code, o.ending.said())
	}
	if err := l.keepExecutables(work); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, part)), 0o755); err != nil {
		return err
	}
	return os.Rename(filepath.Join(work, part), filepath.Join(dir, part))
}

// halfFinished kills a training of digits after its second evaluation but before its
// end, when it has two checkpoints and a best one.
func halfFinished(ctx context.Context, l *lab, dir string) error {
	for range 10 {
		if err := l.place(ctx, stateEmpty, dir); err != nil {
			return err
		}
		p, err := l.start(trainDigits, dir, false)
		if err != nil {
			return err
		}
		pattern := filepath.Join(dir, "out", "runs", "*", "checkpoints", "step-00000025", "manifest.json")
		there := p.until(func() bool { paths, _ := filepath.Glob(pattern); return len(paths) > 0 }, referenceLimit)
		p.kill(ctx, 0)
		_, err = os.Stat(filepath.Join(dir, "out", "results.jsonl"))
		if there && os.IsNotExist(err) {
			if err := l.keepExecutables(dir); err != nil {
				return err
			}
			return os.RemoveAll(filepath.Join(dir, "cache"))
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		pause(ctx, time.Millisecond)
	}
	return fmt.Errorf("ten kills did not leave a half-finished run")
}
