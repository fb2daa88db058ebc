package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// BaseNorm is the norm that ratios are to.
const BaseNorm = "bn"

// Compiled is what a runner says of its case when it is ready to step.
type Compiled struct {
	Framework string `json:"framework"`
	Backend   string `json:"backend"`
	Threads   int    `json:"threads"`
	// Compile is what building and compiling took.
	Compile time.Duration `json:"compile"`
	// Temporary is in bytes.
	Temporary int64 `json:"temporary"`
}

// Took is how long a step took, and how long its batch was waited for before.
type Took struct {
	Step time.Duration `json:"step,omitempty"`
	Wait time.Duration `json:"wait,omitempty"`
}

// Runner holds a compiled case somewhere.
type Runner interface {
	// Compile prepares the case.
	Compile() (Compiled, error)
	// Step does one step and returns how long it took.
	Step() (Took, error)
	// Close frees the case and returns the most memory it had in use, in bytes.
	Close() (peak int64, err error)
}

// Options say how cases are measured.
type Options struct {
	// Steps is the number of steps that are timed.
	Steps int
	// Paired keeps all cases at once and has them step by turns; without it they
	// are measured one after another, in the memory of one.
	Paired bool
	// Start makes a case's runner, such as [Process]'s.
	Start func(ctx context.Context, c Case) (Runner, error)
	// Log, if there is one, is told what is done.
	Log func(format string, args ...any)
}

// Measure times the steps of a case with each of the norms, whatever its own
// is, and compares them with BN's, if it is among them.
func Measure(ctx context.Context, c Case, norms []string, o Options) ([]Result, error) {
	if o.Steps < 1 {
		return nil, fmt.Errorf("bench: %d steps: want at least 1", o.Steps)
	}
	if len(norms) == 0 {
		return nil, errors.New("bench: no norms to measure")
	}
	if c.Photos != "" && o.Paired {
		return nil, errors.New("bench: steps by turns on photographs: the batches of one norm would be read while the others step")
	}
	cases := make([]Case, len(norms))
	for i, name := range norms {
		if slices.Contains(norms[:i], name) {
			return nil, fmt.Errorf("bench: norm %s is there twice", name)
		}
		cases[i] = c
		cases[i].Norm = name
		if err := cases[i].Validate(); err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
	}
	if o.Log == nil {
		o.Log = func(string, ...any) {}
	}
	atOnce := 1
	if o.Paired {
		atOnce = len(cases)
	}
	var all []measured
	for some := range slices.Chunk(cases, atOnce) {
		m, err := together(ctx, some, o)
		if err != nil {
			return nil, err
		}
		all = append(all, m...)
	}
	base := slices.Index(norms, BaseNorm)
	results := make([]Result, len(all))
	for i, m := range all {
		results[i] = m.result(o)
		if base >= 0 {
			results[i].ToBN = m.to(all[base], o.Paired)
		}
	}
	return results, nil
}

// measured is what the runner of a case said.
type measured struct {
	Case
	compiled Compiled
	steps    []float64 // seconds
	waited   float64   // seconds
	peak     int64
}

// together measures cases that are there at once.
func together(ctx context.Context, cases []Case, o Options) (all []measured, err error) {
	runners := make([]Runner, 0, len(cases))
	defer func() {
		for i, r := range runners {
			peak, closing := r.Close()
			if closing != nil && err == nil {
				err = fmt.Errorf("%s: %w", cases[i], closing)
			}
			all[i].peak = peak
		}
		if ctx.Err() != nil {
			err = ctx.Err() // and not that a process was killed for it
		}
	}()
	for _, c := range cases {
		o.Log("compiling %s", c)
		r, err := o.Start(ctx, c)
		if err != nil {
			return all, fmt.Errorf("%s: %w", c, err)
		}
		runners, all = append(runners, r), append(all, measured{Case: c})
		m := &all[len(all)-1]
		if m.compiled, err = r.Compile(); err != nil {
			return all, fmt.Errorf("%s: %w", c, err)
		}
		if _, err := r.Step(); err != nil { // makes the variables
			return all, fmt.Errorf("%s: %w", c, err)
		}
	}
	for round := range o.Steps {
		o.Log("step %d of %d", round+1, o.Steps)
		for i, r := range runners {
			took, err := r.Step()
			if err != nil {
				return all, fmt.Errorf("%s: %w", cases[i], err)
			}
			all[i].steps = append(all[i].steps, took.Step.Seconds())
			all[i].waited += took.Wait.Seconds()
		}
	}
	return all, nil
}

// result is the line of a case, rounded to what a clock tells.
func (m measured) result(o Options) Result {
	middle := median(m.steps)
	var wait *float64
	if m.Photos != "" {
		total := m.waited
		for _, s := range m.steps {
			total += s
		}
		share := rounded(m.waited/total, 4)
		wait = &share
	}
	r := Result{
		Framework: m.compiled.Framework, Net: m.Backbone, Norm: m.Norm, Images: m.Images(), Size: m.Size, Threads: m.compiled.Threads,
		StepSecondsMin: rounded(slices.Min(m.steps), 6), StepSecondsMedian: rounded(middle, 6), PeakRSSMiB: m.peak >> 20,
		CompileSeconds: rounded(m.compiled.Compile.Seconds(), 3), TemporaryMiB: rounded(mib(m.compiled.Temporary), 2),
		ImagesPerSecond: rounded(float64(m.Images())/middle, 2), Inference: m.Inference, Paired: o.Paired, Steps: o.Steps,
		Backend: m.compiled.Backend, Activations: m.Activations, DataWaitShare: wait,
	}
	if n := m.devices(); n > 1 {
		r.Devices = n
	}
	return r
}

// to compares with another case's.
func (m measured) to(base measured, paired bool) *Ratios {
	step := median(m.steps) / median(base.steps)
	if paired {
		step = pairedRatio(m.steps, base.steps)
	}
	return &Ratios{
		Step:    rounded(step, 4),
		Compile: rounded(m.compiled.Compile.Seconds()/base.compiled.Compile.Seconds(), 4),
		PeakRSS: rounded(float64(m.peak)/float64(base.peak), 4),
	}
}
