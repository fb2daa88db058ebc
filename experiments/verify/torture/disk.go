package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
)

// fileLimit lets writes beyond a random size of a file fail, and repeats the command
// without the limit.
func fileLimit(commands []command) func(context.Context, *trial) (outcome, error) {
	return func(ctx context.Context, t *trial) (outcome, error) {
		c := commands[t.rng.IntN(len(commands))]
		want, err := t.reference(ctx, c)
		if err != nil {
			return "", err
		}
		if err := t.place(ctx, c.state); err != nil {
			return "", err
		}
		limit := 1 << t.rng.IntN(22) // 1 B to 2 MiB; checkpoints of digits have 4 MB
		t.how = fmt.Sprintf("%s with files of at most %d bytes", c.name, limit)
		args, err := c.arguments(t.lab, t.dir, false)
		if err != nil {
			return "", err
		}
		env := append(t.lab.environment(t.dir), limitVariable+"="+strconv.Itoa(limit))
		p, err := start(t.lab.self, append([]string{t.lab.rn}, args...), t.dir, env)
		if err != nil {
			return "", err
		}
		return t.full(ctx, c, want, p, func() error { return nil })
	}
}

// full judges a command that met a full disk, makes room, and repeats the command.
func (t *trial) full(ctx context.Context, c command, want observation, p *process, makeRoom func() error) (outcome, error) {
	e := p.end(ctx, timeLimit)
	t.note(e)
	got, err := c.observe(t.dir, e)
	if err != nil {
		return "", err
	}
	if o := judge(want, got); !o.survived() {
		return o, nil
	}
	if err := makeRoom(); err != nil {
		return "", err
	}
	again, err := t.call(ctx, c, true)
	if err != nil {
		return "", err
	}
	return repeated(want, again), nil
}

// fullDisk runs a command on a file system with random room, then makes room and
// repeats it.
func fullDisk(commands []command) func(context.Context, *trial) (outcome, error) {
	return func(ctx context.Context, t *trial) (outcome, error) {
		c := commands[t.rng.IntN(len(commands))]
		want, err := t.reference(ctx, c)
		if err != nil {
			return "", err
		}
		if err := os.MkdirAll(t.dir, 0o755); err != nil {
			return "", err
		}
		if err := mount(t.dir, "size=1g"); err != nil {
			return "", err
		}
		defer unmount(t.dir)
		if err := t.place(ctx, c.state); err != nil {
			return "", err
		}
		used, err := sizeOf(t.dir)
		if err != nil {
			return "", err
		}
		room := int64(t.rng.Float64() * t.rng.Float64() * 12e6) // three checkpoints of digits
		t.how = fmt.Sprintf("%s with %d bytes of room", c.name, room)
		// The file system counts whole pages, also of folders.
		if err := resize(t.dir, used+used/8+1<<16+room); err != nil {
			return "", err
		}
		p, err := t.lab.start(c, t.dir, false)
		if err != nil {
			return "", err
		}
		return t.full(ctx, c, want, p, func() error { return resize(t.dir, 1<<30) })
	}
}

// noMount says why a file system cannot be mounted.
func noMount(l *lab) string {
	if os.Geteuid() != 0 {
		return "needs root to mount a file system"
	}
	dir, err := os.MkdirTemp(l.dir, "mount-")
	if err == nil {
		err = mount(dir, "size=64k")
	}
	if err != nil {
		return err.Error()
	}
	if err := unmount(dir); err != nil {
		return err.Error()
	}
	return ""
}
