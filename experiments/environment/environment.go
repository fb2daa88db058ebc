// Package environment says where a run reads and writes, what it computes on and
// whom it reports to. Of all this only [Compute] and broken photographs that are
// left out change numbers; package record's Identity covers both.
package environment

import (
	"fmt"
	"io"
	"sync"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/data/loader"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// Environment is everything that a run needs beside its configuration. A function
// that needs less takes one of the four parts.
type Environment struct {
	Images
	Compute
	Output
	Reporter
}

// Images says where images come from and how they are read.
type Images struct {
	// Root is the folder of a benchmark's photographs, or of the digits that no
	// registry has; see digits.Options.
	Root string
	// Lists is the folder of a benchmark's list files; empty for Root.
	Lists string
	// Workers is the number of goroutines that read photographs; 0 for one a core.
	Workers int
	// Pool, if set, is the pool of Workers that all readers share.
	Pool *loader.Pool
	// SkipBroken leaves out photographs that cannot be read. Without it the first one
	// ends the run.
	SkipBroken bool
}

// Compute says which devices compute.
type Compute struct {
	// Backend is GoMLX's name of the backend; empty for the machine's best. See
	// platform.New.
	Backend string
	// Devices is the number of the backend's devices that share each training step,
	// see package dataparallel; 0 for one. The batch size must be a multiple of it.
	// Results differ from those of one device by rounding.
	Devices int
}

// DeviceCount is the number of devices that share a training step, at least 1.
func (c Compute) DeviceCount() int { return max(c.Devices, 1) }

// CheckDevices returns an error if the batches of a configuration cannot be split
// among the devices, whatever the backend.
func (c Compute) CheckDevices(of config.Config) error {
	if c.Devices < 0 {
		return fmt.Errorf("%d devices: want at least 1", c.Devices)
	}
	if n := c.DeviceCount(); of.BatchSize%n != 0 {
		return fmt.Errorf("batch size %d (images of each domain) is not a multiple of %d devices: each device takes the same number of images of every domain", of.BatchSize, n)
	}
	return nil
}

// Output says where results and checkpoints go and what is continued.
type Output struct {
	// Out is the output folder. It gets results.jsonl and a folder for each run.
	Out string
	// Version is the version of the code, part of a run's identity; empty for
	// record.CodeVersion.
	Version string
	// Resume says whether a half-finished run is continued.
	Resume Resume
	// SaveEvery is the number of steps between checkpoints; 0 saves at evaluations
	// only. Evaluations always save.
	SaveEvery int
	// Keep is the number of latest checkpoints that are kept beside the best one; 0
	// for two, so that one damaged checkpoint does not lose the run.
	Keep int
	// Record, if set, receives the result in place of the results file.
	Record func(record.Result) error
}

// CodeVersion is the version of the code.
func (o Output) CodeVersion() string {
	if o.Version != "" {
		return o.Version
	}
	return record.CodeVersion()
}

// Resume says what happens to a half-finished run.
type Resume int

// Values of Output.Resume.
const (
	// StartAnew begins at step 0 and removes the checkpoints of the same run.
	StartAnew Resume = iota
	// ContinueSame continues a half-finished run of the same identity. Other
	// half-finished runs are left alone.
	ContinueSame
	// ContinueOrRefuse is ContinueSame, but a half-finished run of the same
	// configuration with another identity (other data, code, backend or number of
	// devices) is an error that says what differs.
	ContinueOrRefuse
)

// Reporter receives what a person may want to see. Every function may be nil.
// [Reporter.Distinct] makes Warn safe for concurrent use; the other functions are
// called from one goroutine at a time.
type Reporter struct {
	// Progress is called after every step.
	Progress func(Progress)
	// Preparing is called during long work that is not a training step: reading and
	// hashing photographs, computing features, estimating statistics.
	Preparing func(what string, done, total int)
	// Warn is told about problems that do not end the run.
	Warn func(error)
	// Log receives the reports of downloads.
	Log io.Writer
}

// Progress tells how far a run is.
type Progress struct {
	Config config.Config
	// Step of Config.Steps is done.
	Step int
	// TaskLoss and TransferLoss are the losses of the step or, if a resumed run begins
	// with the evaluation of the step, their means since the last evaluation.
	TaskLoss, TransferLoss float64
	// Point is the latest evaluation; nil before the first.
	Point *record.Point
	// Evaluated reports whether Point belongs to this step.
	Evaluated bool
}

// Distinct is the reporter with a Warn that passes each text on once and may be called
// from several goroutines: a photograph that cannot be read is met at every
// evaluation, by several readers.
func (r Reporter) Distinct() Reporter {
	warn := r.Warn
	if warn == nil {
		return r
	}
	var mu sync.Mutex
	said := make(map[string]bool)
	r.Warn = func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if text := err.Error(); !said[text] {
			said[text] = true
			warn(err)
		}
	}
	return r
}

// ReportProgress calls Progress if it is set.
func (r Reporter) ReportProgress(p Progress) {
	if r.Progress != nil {
		r.Progress(p)
	}
}

// ReportPreparing calls Preparing if it is set.
func (r Reporter) ReportPreparing(what string, done, total int) {
	if r.Preparing != nil {
		r.Preparing(what, done, total)
	}
}

// ReportWarning calls Warn if it is set.
func (r Reporter) ReportWarning(err error) {
	if r.Warn != nil {
		r.Warn(err)
	}
}

// LogWriter is Log, or io.Discard.
func (r Reporter) LogWriter() io.Writer {
	if r.Log != nil {
		return r.Log
	}
	return io.Discard
}
