package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"unicode"
)

// run makes the trials of some kinds, several at a time. The table holds those that were
// made even if the context ends it.
func (l *lab) run(ctx context.Context, chosen []kind, o options) (*table, error) {
	t := newTable(o.seed, o.short)
	for _, k := range chosen {
		t.add(k)
		if k.missing == nil {
			continue
		}
		if why := k.missing(l); why != "" {
			t.skip(k, why)
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	type job struct {
		kind kind
		i    int
	}
	jobs := make(chan job)
	var workers sync.WaitGroup
	for range o.jobs {
		workers.Go(func() {
			for j := range jobs {
				if err := l.try(ctx, j.kind, j.i, o, t); err != nil {
					cancel(fmt.Errorf("%s, trial %d: %w", j.kind.name, j.i, err))
				}
			}
		})
	}
	for _, k := range chosen {
		if t.skipped(k) || ctx.Err() != nil {
			continue
		}
		fmt.Fprintf(l.log, "%s: %d trials\n", k.name, k.trials)
		for i := 0; i < k.trials && ctx.Err() == nil; i++ {
			jobs <- job{k, i}
		}
	}
	close(jobs)
	workers.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return nil, err
	}
	return t, nil
}

// try makes one trial and enters it in the table.
func (l *lab) try(ctx context.Context, k kind, i int, o options, t *table) error {
	if ctx.Err() != nil {
		return nil
	}
	trial := newTrial(l, k, i, o.seed)
	if !o.keep {
		defer os.RemoveAll(trial.dir)
	}
	got, err := k.try(ctx, trial)
	if ctx.Err() != nil {
		return nil // what a cancelled command did says nothing
	}
	if err != nil {
		return err
	}
	t.enter(k, i, got, trial)
	if got.survived() {
		return os.RemoveAll(trial.dir)
	}
	fmt.Fprintf(l.log, "  %s, trial %d: %s: %s: %s\n", k.name, i, got, trial.how, trial.said)
	return nil
}

// slug is a name for a file.
func slug(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '-'
	}, name)
}

// pad is a number with three digits.
func pad(i int) string { return fmt.Sprintf("%03d", i) }
