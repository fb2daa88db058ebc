// Package runs does the runs that are missing in an output folder. It is the one
// place that decides which stored runs may be reused: those of the same
// record.Identity, that is configuration, data, weights, code, kind of backend and
// number of devices. A half-finished run is continued under the same rule.
package runs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// Job is a run that is wanted.
type Job struct {
	// Name is shown to people.
	Name   string
	Config config.Config
}

// Options say how jobs are done.
type Options struct {
	// Environment is the environment of every run. Do sets Resume and the functions
	// that report.
	Environment environment.Environment
	// Parallel is the number of runs at a time; 0 for one. Each run has XLA's threads
	// for every core, so more are worth it only where a step is too small to keep the
	// cores busy.
	Parallel int
	// AnyVersion reuses results that differ in the version of the code alone.
	AnyVersion bool
	// Record, if set, stores the result of a job in place of the results file. Record,
	// Progress and Warn are not called from two goroutines at a time.
	Record func(job int, r record.Result) error
	// Progress is called while stored runs are looked for, once when they are known, and
	// after every step of any run.
	Progress func(Progress)
	// Warn is told about problems that do not end the jobs, such as a run that failed
	// after its first step.
	Warn func(error)

	// Run replaces experiments.Run, and Identity the identities of an
	// experiments.Identifier, if they are set. Parallel runs call Run at the same time.
	Run      func(context.Context, config.Config, environment.Environment) (record.Result, error)
	Identity func(context.Context, config.Config) (record.Identity, error)
}

// Progress tells how far jobs are.
type Progress struct {
	// Runs is the number of jobs, Reused of them were stored, Done are finished now,
	// Failed have failed.
	Runs, Reused, Done, Failed int
	// Steps is the number of steps of all missing runs, StepsDone the number of those
	// that are done.
	Steps, StepsDone int
	// Left is the expected time for the rest; 0 while it is unknown.
	Left time.Duration
	// Job made a step or ended, and Step is its progress. Job has no name before the
	// first run begins.
	Job  Job
	Step environment.Progress
	// Preparing says what happens before the first step of Job or, while Runs is 0,
	// before all jobs; empty in between.
	Preparing string
}

// Reusable returns the latest stored result that may stand for the wanted run: one
// of the same identity or, with anyVersion, of the same identity but for the version
// of the code.
func Reusable(stored []record.Result, wanted record.Identity, anyVersion bool) (record.Result, bool) {
	same := wanted.ID()
	r, ok := record.Latest(stored, func(r record.Result) bool { return r.Identity().ID() == same })
	if ok || !anyVersion {
		return r, ok
	}
	return record.Latest(stored, func(r record.Result) bool {
		id := r.Identity()
		id.Version = wanted.Version
		return id.ID() == same
	})
}

// Do returns the results of jobs in their order. Results that are stored in the
// output folder and may be reused are not computed again; half-finished runs of the
// same identity go on from their last checkpoint. Equal jobs are done once.
//
// Cancelling ctx ends the runs after the current step: they save, and the error wraps
// experiments.ErrInterrupted. A run that fails before its first step ends Do, since
// the others would fail for the same reason; a later failure goes to Warn, and is an
// error at the end.
func Do(ctx context.Context, jobs []Job, o Options) ([]record.Result, error) {
	if o.Run == nil {
		o.Run = experiments.Run
	}
	o.Parallel = max(o.Parallel, 1)
	if err := os.MkdirAll(o.Environment.Out, 0o755); err != nil {
		return nil, fmt.Errorf("output folder: %w", err)
	}
	s := &session{options: o, jobs: slices.Clone(jobs), results: make([]record.Result, len(jobs)), first: make(map[string]int)}
	missing, err := s.reuse(ctx)
	if err != nil {
		return nil, err
	}
	s.report(func(p *Progress) {
		*p = Progress{Runs: len(jobs), Reused: len(jobs) - len(missing)}
		for _, i := range missing {
			p.Steps += s.jobs[i].Config.Steps
		}
	})
	s.parallel = min(o.Parallel, len(missing))
	if err := s.doAll(ctx, missing); err != nil {
		return nil, err
	}
	for i, id := range s.ids {
		s.results[i] = s.results[s.first[id]]
	}
	return s.results, nil
}

// session is a call of Do.
type session struct {
	options  Options
	jobs     []Job          // their weights are named once reuse is done
	ids      []string       // of the wanted runs, by job
	first    map[string]int // the first job of each id
	parallel int            // runs at a time

	sync.Mutex
	results  []record.Result
	progress Progress
	failures []error
	// begun counts runs that made their first step or ended without one. timed of them
	// took beginning until that step; made further steps took stepping.
	begun, timed, made  int
	beginning, stepping time.Duration
}

// reuse fills in the results that are stored, names the weights of the other jobs
// and returns their indices.
func (s *session) reuse(ctx context.Context) (missing []int, err error) {
	identity := s.options.Identity
	if identity == nil {
		env := s.options.Environment
		env.Preparing = func(what string, done, total int) {
			s.report(func(r *Progress) { r.Preparing = fmt.Sprintf("%s: %d/%d", what, done, total) })
		}
		env.Warn = s.warn
		identifier, err := experiments.NewIdentifier(env)
		if err != nil {
			return nil, err
		}
		identity = identifier.Identity
	}
	stored, err := record.Read(s.options.Environment.Out)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.warn(err) // the good lines still count
	}
	if err := record.Unchecked(s.options.Environment.Out); err != nil {
		s.warn(err)
	}
	for i, j := range s.jobs {
		wanted, err := identity(ctx, j.Config)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", j.Name, err)
		}
		s.jobs[i].Config = wanted.Config
		id := wanted.ID()
		s.ids = append(s.ids, id)
		if _, again := s.first[id]; again {
			continue
		}
		s.first[id] = i
		r, ok := Reusable(stored, wanted, s.options.AnyVersion)
		if !ok {
			missing = append(missing, i)
			continue
		}
		s.results[i] = r
	}
	return missing, nil
}

// doAll does the missing jobs, several at a time.
func (s *session) doAll(ctx context.Context, missing []int) error {
	running, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	queue := make(chan int)
	var wait sync.WaitGroup
	for range s.parallel {
		wait.Go(func() {
			for i := range queue {
				if err := s.do(running, i, s.jobs[i]); err != nil {
					fail(err)
				}
			}
		})
	}
	for _, i := range missing {
		select {
		case queue <- i:
		case <-running.Done(): // begin nothing more
		}
	}
	close(queue)
	wait.Wait()
	left := len(missing) - s.progress.Done
	switch {
	case left == 0:
		return nil
	case ctx.Err() != nil:
		return errors.Join(append(s.failures, fmt.Errorf("%w with %d of %d runs to do", experiments.ErrInterrupted, left, len(s.jobs)))...)
	case running.Err() != nil:
		return context.Cause(running)
	default:
		return fmt.Errorf("%d of %d runs failed: %w", left, len(s.jobs), errors.Join(s.failures...))
	}
}

// do does a run. Its error ends all jobs.
func (s *session) do(ctx context.Context, index int, j Job) error {
	if ctx.Err() != nil {
		return nil
	}
	env := s.options.Environment
	env.Resume = environment.ContinueSame
	if env.Workers == 0 {
		env.Workers = max(1, runtime.GOMAXPROCS(0)/s.parallel)
	}
	counted := 0 // steps of this run in StepsDone
	before := time.Now()
	env.Progress = func(p environment.Progress) {
		s.report(func(r *Progress) {
			took := time.Since(before)
			before = time.Now()
			if counted == 0 {
				s.begun++
				s.timed++
				s.beginning += took
			} else {
				s.made++
				s.stepping += took
			}
			r.StepsDone += p.Step - counted
			counted = p.Step
			r.Job, r.Step, r.Preparing = j, p, ""
		})
	}
	env.Preparing = func(what string, done, total int) {
		s.report(func(r *Progress) {
			r.Job, r.Step, r.Preparing = j, environment.Progress{}, fmt.Sprintf("%s: %d/%d", what, done, total)
		})
	}
	env.Warn = func(err error) { s.warn(fmt.Errorf("%s: %w", j.Name, err)) }
	save := env.Record
	if s.options.Record != nil {
		save = func(r record.Result) error { return s.options.Record(index, r) }
	}
	if save != nil {
		env.Record = func(r record.Result) error {
			s.Lock()
			defer s.Unlock()
			return save(r)
		}
	}
	result, err := s.options.Run(ctx, j.Config, env)
	if counted == 0 {
		s.Lock()
		s.begun++
		s.Unlock()
	}
	switch {
	case err == nil:
		s.report(func(r *Progress) {
			s.results[index] = result
			r.Done++
			r.StepsDone += j.Config.Steps - counted // of a run that was saved at its end but not recorded
			r.Job, r.Preparing = j, ""
		})
		return nil
	case errors.Is(err, experiments.ErrInterrupted), ctx.Err() != nil && errors.Is(err, context.Canceled):
		return nil
	}
	err = fmt.Errorf("%s: %w", j.Name, err)
	if counted == 0 {
		return err
	}
	s.warn(err)
	s.report(func(r *Progress) {
		s.failures = append(s.failures, err)
		r.Failed++
		r.StepsDone += j.Config.Steps - counted
		r.Job, r.Preparing = j, ""
	})
	return nil
}

// report changes the progress and tells it.
func (s *session) report(change func(*Progress)) {
	s.Lock()
	defer s.Unlock()
	change(&s.progress)
	if p := &s.progress; s.made > 0 {
		open := p.Runs - p.Reused - p.Done - p.Failed
		steps := s.stepping / time.Duration(s.made) * time.Duration(p.Steps-p.StepsDone)
		runs := s.beginning / time.Duration(s.timed) * time.Duration(max(p.Runs-p.Reused-s.begun, 0))
		p.Left = (steps + runs) / time.Duration(max(1, min(s.parallel, open)))
	}
	if s.options.Progress != nil {
		s.options.Progress(s.progress)
	}
}

// warn tells a problem that does not end the jobs.
func (s *session) warn(err error) {
	s.Lock()
	defer s.Unlock()
	if s.options.Warn != nil {
		s.options.Warn(err)
	}
}
