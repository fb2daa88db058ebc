package ablations

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/reciprocalnorm/rn/experiments"
)

// Options say how the runs of a plan are done.
type Options struct {
	// Environment is that of every run. Out is the folder of the suite; Version,
	// Resume, Record and the functions that report are set by [Plan.Run].
	Environment experiments.Environment
	// Version is that of the code; default experiments.GitCommit.
	Version string
	// Shard is the part of the runs that is done.
	Shard Shard
	// Jobs is the number of runs at a time; default 1. Each has XLA's threads for
	// every core: several are worth it where a step is too small to keep the cores
	// busy.
	Jobs int
	// AnyVersion takes results of other versions of the code for done.
	AnyVersion bool
	// Rerun does the runs that another version of the code has results of.
	Rerun bool
	// Progress, if set, is called after every step of any run, not from two
	// goroutines at a time. So are Warn and Done.
	Progress func(Progress)
	// Warn, if set, is told what does not end the suite, such as a run that failed
	// after its first step.
	Warn func(error)
	// Done, if set, is given each record after it was written.
	Done func(Record)

	// run is experiments.Run, but in tests.
	run func(context.Context, experiments.Config, experiments.Environment) (experiments.Result, error)
}

// Progress tells how far a shard is.
type Progress struct {
	// Runs are those of the shard, Had of them were there before, Done are those
	// that are done now, Failed those that failed.
	Runs, Had, Done, Failed int
	// Steps are those of all runs that were missing, StepsDone those that are done.
	Steps, StepsDone int
	// Left is the time that the rest takes, as the steps and the beginnings of runs
	// took so far; 0 while it is unknown.
	Left time.Duration
	// Job is the run that made a step, or came to its end, and Step its progress.
	Job  Job
	Step experiments.Progress
	// Preparing, if not empty, is what the run does before its first step.
	Preparing string
}

// Run does the runs of a plan that are missing in the folder, and adds each as a
// line of results.jsonl, or of the shard's own file. Runs that were interrupted
// or killed go on from their last checkpoint.
//
// Results of another version of the code are an [OtherVersionError], unless the
// options say what to do with them. Cancelling ctx ends the runs after the step
// at hand: they save, and the error wraps experiments.ErrInterrupted. A run that
// fails before its first step ends the suite, for what it lacks the others lack
// too; one that fails later is told to Warn, and is an error at the end.
func (p Plan) Run(ctx context.Context, o Options) error {
	if o.run == nil {
		o.run = experiments.Run
	}
	if o.Version == "" {
		o.Version = experiments.GitCommit()
	}
	o.Jobs = max(o.Jobs, 1)
	if err := os.MkdirAll(o.Environment.Out, 0o755); err != nil {
		return fmt.Errorf("output folder: %w", err)
	}
	s := &session{options: o}
	jobs := p.Jobs(o.Shard)
	missing, err := p.missing(jobs, o)
	if err != nil {
		return err
	}
	s.progress = Progress{Runs: len(jobs), Had: len(jobs) - len(missing)}
	for _, j := range missing {
		s.progress.Steps += j.Config.Steps
	}
	running, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	queue := make(chan Job)
	var wait sync.WaitGroup
	for range min(o.Jobs, len(missing)) {
		wait.Go(func() {
			for j := range queue {
				if err := s.do(running, j); err != nil {
					fail(err)
				}
			}
		})
	}
	for _, j := range missing {
		select {
		case queue <- j:
		case <-running.Done(): // nothing more is begun
		}
	}
	close(queue)
	wait.Wait()
	left := len(jobs) - s.progress.Had - s.progress.Done
	switch {
	case left == 0:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%w with %d of %d runs to do", experiments.ErrInterrupted, left, len(jobs))
	case running.Err() != nil:
		return context.Cause(running)
	default:
		return fmt.Errorf("%d of %d runs failed: %w", left, len(jobs), errors.Join(s.failures...))
	}
}

// missing leaves the jobs that have no result.
func (p Plan) missing(jobs []Job, o Options) ([]Job, error) {
	records, err := Read(o.Environment.Out)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		o.warn(err) // the runs of good lines are still not repeated
	}
	versions := make(map[string]map[string]bool) // by configuration
	for _, r := range records {
		id := r.Config.ID()
		if versions[id] == nil {
			versions[id] = make(map[string]bool)
		}
		versions[id][r.GitCommit] = true
	}
	other := make(map[string]int)
	var missing []Job
	for _, j := range jobs {
		have := versions[j.Config.ID()]
		switch {
		case have[o.Version] || o.AnyVersion && len(have) > 0:
			continue
		case !o.Rerun:
			for v := range have {
				other[v]++
			}
		}
		missing = append(missing, j)
	}
	if len(other) > 0 {
		return nil, OtherVersionError{Runs: other, Wanted: o.Version}
	}
	return missing, nil
}

// warn tells what does not end the suite.
func (o Options) warn(err error) {
	if o.Warn != nil {
		o.Warn(err)
	}
}

// session is a plan being run.
type session struct {
	options Options

	sync.Mutex
	progress Progress
	failures []error
	// What runs took here: begun of them until their first step, and made steps
	// after it.
	begun, made         int
	beginning, stepping time.Duration
}

// do does a run. Its error ends the suite.
func (s *session) do(ctx context.Context, j Job) error {
	if ctx.Err() != nil {
		return nil
	}
	env := s.options.Environment
	env.Version, env.Resume = s.options.Version, true
	if env.Workers == 0 {
		env.Workers = max(1, runtime.GOMAXPROCS(0)/s.options.Jobs)
	}
	counted := 0 // steps of this run in StepsDone
	before := time.Now()
	env.Progress = func(p experiments.Progress) {
		s.report(func(r *Progress) {
			took := time.Since(before)
			before = time.Now()
			if counted == 0 {
				s.begun++
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
			r.Job, r.Step, r.Preparing = j, experiments.Progress{}, fmt.Sprintf("%s: %d/%d", what, done, total)
		})
	}
	env.Warn = func(err error) { s.warn(fmt.Errorf("%s: %w", j, err)) }
	env.Record = func(r experiments.Result) error {
		record := Record{Suite: j.Suite, Variant: j.Variant, Base: &j.Base, Result: r}
		s.Lock()
		defer s.Unlock()
		if err := record.append(env.Out, s.options.Shard); err != nil {
			return err
		}
		if s.options.Done != nil {
			s.options.Done(record)
		}
		return nil
	}
	_, err := s.options.run(ctx, j.Config, env)
	switch {
	case err == nil:
		s.report(func(r *Progress) {
			r.Done++
			r.StepsDone += j.Config.Steps - counted // of a run that was saved at its end, but not recorded
			r.Job, r.Preparing = j, ""
		})
		return nil
	case errors.Is(err, experiments.ErrInterrupted), ctx.Err() != nil && errors.Is(err, context.Canceled):
		return nil
	}
	err = fmt.Errorf("%s: %w", j, err)
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
	if s.made > 0 {
		p := &s.progress
		steps := s.stepping / time.Duration(s.made) * time.Duration(p.Steps-p.StepsDone)
		runs := s.beginning / time.Duration(s.begun) * time.Duration(max(p.Runs-p.Had-s.begun, 0))
		p.Left = (steps + runs) / time.Duration(s.options.Jobs)
	}
	if s.options.Progress != nil {
		s.options.Progress(s.progress)
	}
}

// warn tells what does not end the suite.
func (s *session) warn(err error) {
	s.Lock()
	defer s.Unlock()
	s.options.warn(err)
}
