package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// baseNorm is the norm in the denominator of all ratios.
const baseNorm = "bn"

// Compiled is a runner's report once its case is compiled.
type Compiled struct {
	Framework string `json:"framework"`
	Backend   string `json:"backend"`
	Threads   int    `json:"threads"`
	// Compile is the time to build and compile the graph.
	Compile time.Duration `json:"compile"`
	// Temporary is the memory, in bytes, that XLA plans in addition to inputs and
	// outputs.
	Temporary int64 `json:"temporary"`
}

// Took is the time of a step, and of the wait for its batch before.
type Took struct {
	Step time.Duration `json:"step,omitempty"`
	Wait time.Duration `json:"wait,omitempty"`
}

// Runner compiles and runs a case, in this process or another.
type Runner interface {
	// Compile prepares the case.
	Compile() (Compiled, error)
	// Step runs one step and returns how long it took.
	Step() (Took, error)
	// Close frees the case and returns its peak memory in bytes.
	Close() (peak int64, err error)
}

// Options control a measurement.
type Options struct {
	// Steps is the number of timed steps.
	Steps int
	// Paired starts all cases at once and lets them step in turn. Otherwise they run
	// one after another and need the memory of one case.
	Paired bool
	// Start makes the runner of a case, for example with [Process].
	Start func(ctx context.Context, c Case) (Runner, error)
	// Log, if not nil, receives progress messages.
	Log func(format string, args ...any)
}

// Measure times the steps of a case with each of the norms, ignoring c.Norm, and
// compares them with BN if BN is among the norms.
func Measure(ctx context.Context, c Case, norms []string, o Options) ([]Result, error) {
	if o.Steps < 1 {
		return nil, fmt.Errorf("bench: %d steps: want at least 1", o.Steps)
	}
	if len(norms) == 0 {
		return nil, errors.New("bench: no norms to measure")
	}
	if c.Photos != "" && o.Paired {
		return nil, errors.New("bench: paired steps on photographs: the batches of one norm would be read while the others step")
	}
	cases := make([]Case, len(norms))
	for i, name := range norms {
		if slices.Contains(norms[:i], name) {
			return nil, fmt.Errorf("bench: norm %s is given twice", name)
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
	base := slices.Index(norms, baseNorm)
	results := make([]Result, len(all))
	for i, m := range all {
		results[i] = m.result(o)
		if base >= 0 {
			results[i].ToBN = m.to(all[base], o.Paired)
		}
	}
	return results, nil
}

// measured holds the reports of a case's runner.
type measured struct {
	Case
	compiled Compiled
	steps    []float64 // seconds
	waited   float64   // seconds
	peak     int64
}

// together measures cases whose runners exist at the same time.
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
			err = ctx.Err() // rather than the death of a process that ctx killed
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
		if _, err := r.Step(); err != nil { // the first step initializes the variables
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

// result returns the result of a case, rounded to the precision of the clock.
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
		Framework: m.compiled.Framework, Net: m.Backbone, Norm: m.Norm, Images: m.images(), Size: m.Size, Threads: m.compiled.Threads,
		StepSecondsMin: rounded(slices.Min(m.steps), 6), StepSecondsMedian: rounded(middle, 6), PeakRSSMiB: m.peak >> 20,
		CompileSeconds: rounded(m.compiled.Compile.Seconds(), 3), TemporaryMiB: rounded(mib(m.compiled.Temporary), 2),
		ImagesPerSecond: rounded(float64(m.images())/middle, 2), Inference: m.Inference, Paired: o.Paired, Steps: o.Steps,
		Backend: m.compiled.Backend, Activations: m.Activations, DataWaitShare: wait,
	}
	if n := m.devices(); n > 1 {
		r.Devices = n
	}
	return r
}

// to returns the ratios to another case.
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
