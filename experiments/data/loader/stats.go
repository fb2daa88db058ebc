package loader

import (
	"sync/atomic"
	"time"
)

// Stats is what a loader has done. Where Waited is not small beside the time of
// the steps, reading is what holds them up; Reading over Examples is then what
// an example costs.
type Stats struct {
	// Batches that Next has returned.
	Batches int64
	// Examples that were read, those of batches ahead included.
	Examples int64
	// Broken is the number of different examples that could not be read.
	Broken int64
	// Waited is how long Next has waited for workers.
	Waited time.Duration
	// Reading is how long the workers have read, added up over them.
	Reading time.Duration
}

// counters are Stats that several goroutines add to.
type counters struct {
	batches, examples, broken, waited, reading atomic.Int64
}

// Stats says what has been done so far. It is safe for concurrent use.
func (l *Loader) Stats() Stats {
	c := &l.counters
	return Stats{
		Batches: c.batches.Load(), Examples: c.examples.Load(), Broken: c.broken.Load(),
		Waited: time.Duration(c.waited.Load()), Reading: time.Duration(c.reading.Load()),
	}
}
