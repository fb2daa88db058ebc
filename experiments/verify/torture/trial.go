package main

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"path/filepath"
)

// trial is one fault of a kind.
type trial struct {
	lab  *lab
	dir  string // the folder that the command runs in
	rng  *rand.Rand
	how  string // what was done
	peak int64  // bytes
	said string // the last lines of stderr
}

// newTrial makes trial i of a kind. Its random numbers depend on the seed, the kind and
// i only.
func newTrial(l *lab, k kind, i int, seed uint64) *trial {
	h := fnv.New64a()
	_, _ = h.Write([]byte(k.name))
	name := filepath.Join(l.dir, "trial-"+slug(k.name)+"-"+pad(i))
	return &trial{lab: l, dir: name, rng: rand.New(rand.NewPCG(seed, h.Sum64()+uint64(i)))}
}

// place fills the trial's folder with a state.
func (t *trial) place(ctx context.Context, state string) error { return t.lab.place(ctx, state, t.dir) }

// reference returns what a command does without a fault.
func (t *trial) reference(ctx context.Context, c command) (observation, error) {
	return t.lab.reference(ctx, c)
}

// call runs a command in the trial's folder to its end.
func (t *trial) call(ctx context.Context, c command, repeat bool) (observation, error) {
	o, err := t.lab.call(ctx, c, t.dir, repeat)
	t.note(o.ending)
	return o, err
}

// note keeps what a process needed and said.
func (t *trial) note(e ending) {
	t.peak = max(t.peak, e.peak)
	t.said = e.said()
}
