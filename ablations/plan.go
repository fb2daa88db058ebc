package ablations

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/registry"
)

// ErrUnknownVariant is wrapped by the error for a variant that a suite lacks.
var ErrUnknownVariant = errors.New("unknown variant")

// unknownVariant names the variant and the known ones.
func unknownVariant(name, suite string, known []string) error {
	return fmt.Errorf("%w %q of suite %s: want one of %s", ErrUnknownVariant, name, suite, strings.Join(known, ", "))
}

// Plan lists the runs of a suite: every row with every seed.
type Plan struct {
	Suite Suite
	// Base is the configuration that the variants edit. Its seed is the first one.
	Base config.Config
	// Rows are the variants to run.
	Rows []Row
	// LeftOut are the variants that do not apply to the configuration.
	LeftOut []LeftOut
	// Seeds is the number of consecutive seeds, the first one Base's.
	Seeds int
}

// Plan plans the variants of a configuration, or only the named ones. Seeds count up
// from the configuration's.
func (s Suite) Plan(c config.Config, seeds int, only ...string) (Plan, error) {
	if seeds < 1 {
		return Plan{}, fmt.Errorf("%d seeds: want at least 1", seeds)
	}
	rows, out, err := s.Rows(c)
	if err != nil {
		return Plan{}, err
	}
	names := registry.Names(rows, func(r Row) string { return r.Name })
	for _, name := range only {
		if !slices.Contains(names, name) {
			return Plan{}, unknownVariant(name, s.Name, names)
		}
	}
	if len(only) > 0 {
		rows = slices.DeleteFunc(rows, func(r Row) bool { return !slices.Contains(only, r.Name) })
	}
	return Plan{Suite: s, Base: c, Rows: rows, LeftOut: out, Seeds: seeds}, nil
}

// Job is one run of a plan.
type Job struct {
	Suite   string
	Variant string
	Base    config.Config
	Config  config.Config
}

// String names the run for people.
func (j Job) String() string { return fmt.Sprintf("%s, seed %d", j.Variant, j.Config.Seed) }

// Jobs lists the runs of a shard seed by seed: every variant has its first seed
// before one gets its second.
func (p Plan) Jobs(shard Shard) []Job {
	var jobs []Job
	n := 0
	for seed := range p.Seeds {
		for _, row := range p.Rows {
			c := row.Config
			c.Seed += int64(seed)
			if shard.has(n) {
				jobs = append(jobs, Job{p.Suite.Name, row.Name, p.Base, c})
			}
			n++
		}
	}
	return jobs
}
