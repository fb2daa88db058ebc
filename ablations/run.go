package ablations

import (
	"context"

	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/runs"
)

// Options say how the runs of a plan are done.
type Options struct {
	// Options are those of the runs. Environment.Out is the folder of the suite;
	// Record is set by [Plan.Run].
	runs.Options
	// Shard is the part of the runs that is done.
	Shard Shard
	// Done, if set, receives each record after it was written.
	Done func(Record)
}

// Run does the runs of a plan that are missing in the folder and adds each as a line
// of results.jsonl, or of the shard's own file. See [runs.Do] for which stored and
// half-finished runs count, for interruptions and for failures.
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
