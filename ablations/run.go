package ablations

import (
	"context"

	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/runs"
)

// Options say how to do the runs of a plan.
type Options struct {
	// Options are the options of package runs. Environment.Out is the folder of the
	// suite. [Plan.Run] sets Record.
	runs.Options
	// Shard is the part of the runs to do.
	Shard Shard
	// Done, if set, receives each record once it is written.
	Done func(Record)
}

// Run does the runs of a plan that are missing in the output folder and adds each as a
// line to results.jsonl, or to the shard's own file. [runs.Do] decides which stored
// and half-finished runs count, and handles interruptions and failures.
func (p Plan) Run(ctx context.Context, o Options) error {
	all := p.Jobs(o.Shard)
	wanted := make([]runs.Job, len(all))
	for i, j := range all {
		wanted[i] = runs.Job{Name: j.String(), Config: j.Config}
	}
	o.Record = func(job int, r record.Result) error {
		j := all[job]
		line := Record{Suite: j.Suite, Variant: j.Variant, Base: &j.Base, Result: r}
		if err := line.append(o.Environment.Out, o.Shard); err != nil {
			return err
		}
		if o.Done != nil {
			o.Done(line)
		}
		return nil
	}
	_, err := runs.Do(ctx, wanted, o.Options)
	return err
}
