package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// lab holds the inputs, the states that trials start from, and the references.
type lab struct {
	rn, self             string // programs
	dir                  string
	photographs, weights string
	keep                 bool
	log                  io.Writer

	mu         sync.Mutex // covers the maps and the cache of executables
	states     map[string]func() error
	references map[string]func() (observation, error)
}

// openLab makes the inputs in a folder of its own.
func openLab(o options, log io.Writer) (*lab, error) {
	l := &lab{keep: o.keep, log: log, states: make(map[string]func() error), references: make(map[string]func() (observation, error))}
	var err error
	if l.rn, err = filepath.Abs(o.rn); err != nil {
		return nil, err
	}
	if _, err := os.Stat(l.rn); err != nil {
		return nil, fmt.Errorf("%w: build it with make build", err)
	}
	if l.self, err = os.Executable(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return nil, err
	}
	if l.dir, err = os.MkdirTemp(o.out, "work-"); err != nil {
		return nil, err
	}
	if l.dir, err = filepath.Abs(l.dir); err != nil {
		return nil, err
	}
	if err := os.Chmod(l.dir, 0o755); err != nil { // another user looks into it
		return nil, err
	}
	l.photographs, l.weights = filepath.Join(l.dir, "photographs"), filepath.Join(l.dir, "weights.safetensors")
	if err := writePhotographs(l.photographs); err != nil {
		return nil, err
	}
	if err := writeWeights(l.weights, filepath.Join(l.dir, "weights.pth")); err != nil {
		return nil, err
	}
	return l, os.MkdirAll(l.executables(), 0o700)
}

// close removes the folder, unless it is to be kept.
func (l *lab) close() {
	if !l.keep {
		_ = os.RemoveAll(l.dir)
	}
}

// executables is the folder of executables that trials start with, so that they need
// not compile.
func (l *lab) executables() string { return filepath.Join(l.dir, "xla") }

// statePath is the folder of a state.
func (l *lab) statePath(name string) string { return filepath.Join(l.dir, "state-"+name) }

// prepare makes a state once.
func (l *lab) prepare(ctx context.Context, name string) error {
	l.mu.Lock()
	once, ok := l.states[name]
	if !ok {
		once = sync.OnceValue(func() error {
			fmt.Fprintf(l.log, "state: %s\n", name)
			if err := states[name](ctx, l, l.statePath(name)); err != nil {
				return fmt.Errorf("state %s: %w", name, err)
			}
			return nil
		})
		l.states[name] = once
	}
	l.mu.Unlock()
	return once()
}

// place fills the folder of a trial with a state, a cache, and links to the user's
// plugins and digits.
func (l *lab) place(ctx context.Context, state, dir string) error {
	if err := l.prepare(ctx, state); err != nil {
		return err
	}
	if err := copyTree(l.statePath(state), dir); err != nil {
		return err
	}
	return l.cache(dir)
}

// cache adds a cache to a folder.
func (l *lab) cache(dir string) error {
	users, err := fetch.CacheDir()
	if err != nil {
		return err
	}
	own := filepath.Join(dir, "cache")
	if err := os.MkdirAll(own, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"pjrt", "datasets"} {
		if err := os.Symlink(filepath.Join(users, name), filepath.Join(own, name)); err != nil && !os.IsExist(err) {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return copyTree(l.executables(), filepath.Join(own, "xla"))
}

// environment is the environment of commands in a folder.
func (l *lab) environment(dir string) []string {
	return environment(fetch.CacheEnv+"="+filepath.Join(dir, "cache"), "GOMLX_NO_AUTO_INSTALL=1")
}

// start starts a command in a folder.
func (l *lab) start(c command, dir string, repeat bool, env ...string) (*process, error) {
	args, err := c.arguments(l, dir, repeat)
	if err != nil {
		return nil, err
	}
	return start(l.rn, args, dir, append(l.environment(dir), env...))
}

// call runs a command in a folder to its end.
func (l *lab) call(ctx context.Context, c command, dir string, repeat bool) (observation, error) {
	return l.callWithin(ctx, timeLimit, c, dir, repeat)
}

// callWithin is call with another time limit.
func (l *lab) callWithin(ctx context.Context, limit time.Duration, c command, dir string, repeat bool) (observation, error) {
	p, err := l.start(c, dir, repeat)
	if err != nil {
		return observation{}, err
	}
	e := p.end(ctx, limit)
	if err := ctx.Err(); err != nil {
		return observation{}, err
	}
	return c.observe(dir, e)
}

// reference runs a command without a fault. It runs it twice, with the executables of
// the first run in the second, and returns an error if the two differ.
func (l *lab) reference(ctx context.Context, c command) (observation, error) {
	key := c.state + ": " + c.name
	l.mu.Lock()
	once, ok := l.references[key]
	if !ok {
		once = sync.OnceValues(func() (observation, error) {
			fmt.Fprintf(l.log, "reference: %s\n", c.name)
			var seen [2]observation
			for i := range seen {
				var err error
				if seen[i], err = l.referenceRun(ctx, c); err != nil {
					return observation{}, fmt.Errorf("reference of %s: %w", c.name, err)
				}
			}
			if seen[0].fingerprint != seen[1].fingerprint {
				return observation{}, fmt.Errorf("reference of %s: two runs differ:\n%s\n%s", c.name, seen[0].ending.stdout, seen[1].ending.stdout)
			}
			return seen[1], nil
		})
		l.references[key] = once
	}
	l.mu.Unlock()
	return once()
}

// referenceRun runs a command once and keeps its executables.
func (l *lab) referenceRun(ctx context.Context, c command) (observation, error) {
	dir, err := os.MkdirTemp(l.dir, "reference-")
	if err != nil {
		return observation{}, err
	}
	defer os.RemoveAll(dir)
	if err := l.place(ctx, c.state, dir); err != nil {
		return observation{}, err
	}
	o, err := l.callWithin(ctx, referenceLimit, c, dir, false)
	if err != nil {
		return o, err
	}
	if o.ending.code != 0 {
		return o, fmt.Errorf("exit code %d: %s", o.ending.code, o.ending.said())
	}
	return o, l.keepExecutables(dir)
}

// keepExecutables keeps the executables of a folder's cache for trials.
func (l *lab) keepExecutables(dir string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return copyTree(filepath.Join(dir, "cache", "xla"), l.executables())
}

// pause waits.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
