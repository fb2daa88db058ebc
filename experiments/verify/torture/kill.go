package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// previous stands in output files before a command overwrites them.
const previous = "the output of an earlier command\n"

// kill ends a command with SIGKILL at a random instant and repeats it: it must end in
// the reference's state. An output file must then be the old one or the new one.
func kill(c command) func(context.Context, *trial) (outcome, error) {
	return func(ctx context.Context, t *trial) (outcome, error) {
		want, err := t.reference(ctx, c)
		if err != nil {
			return "", err
		}
		if err := t.place(ctx, c.state); err != nil {
			return "", err
		}
		old := want
		if c.file != "" {
			if err := os.WriteFile(filepath.Join(t.dir, c.file), []byte(previous), 0o644); err != nil {
				return "", err
			}
			if old, err = c.observe(t.dir, ending{}); err != nil {
				return "", err
			}
		}
		p, err := t.lab.start(c, t.dir, false)
		if err != nil {
			return "", err
		}
		after := time.Duration(t.rng.Float64() * float64(want.ending.took))
		e := p.kill(ctx, after)
		t.note(e)
		t.how = fmt.Sprintf("kill %s after %v of about %v", c.name, after.Round(time.Millisecond), want.ending.took.Round(time.Millisecond))
		if !e.killed {
			return unfaulted, nil
		}
		if c.file != "" {
			left, err := os.ReadFile(filepath.Join(t.dir, c.file))
			if err != nil {
				return torn, nil
			}
			if string(left) != previous {
				e.stdout = want.ending.stdout
				now, err := c.observe(t.dir, e)
				if err != nil {
					return "", err
				}
				if now.fingerprint != want.fingerprint && now.fingerprint != old.fingerprint {
					t.how += fmt.Sprintf(": %s has %d bytes of neither the old nor the new file", c.file, len(left))
					return torn, nil
				}
			}
		}
		got, err := t.call(ctx, c, true)
		if err != nil {
			return "", err
		}
		return repeated(want, got), nil
	}
}
