package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/reciprocalnorm/rn/experiments/environment"
)

// bar shows the progress of a run. A terminal gets a progress bar, any other writer a
// line for each evaluation.
type bar struct {
	out   io.Writer
	shown *progressbar.ProgressBar // nil without a terminal
	start time.Time                // start of training
	first int                      // first reported step; 0 before it
	timed time.Time                // time of the first reported step, from which the ETA counts: it excludes compiling
	began time.Time                // start of the current preparation
	tenth int                      // tenth of the preparation that was shown last
}

// newBar makes a bar for the given number of steps.
func newBar(out io.Writer, steps int) *bar {
	b := &bar{out: out, start: time.Now()}
	if terminal, ok := terminalOf(out); ok {
		b.shown = progressbar.NewOptions(steps, progressbar.OptionSetWriter(terminal), progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(24), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish())
	}
	return b
}

// watch lets a run report to the bar.
func (b *bar) watch(env *environment.Environment) {
	env.Progress, env.Preparing = b.update, b.preparing
	env.Warn = func(err error) { fmt.Fprintf(b.out, "rn: %v\n", err) }
	env.Log = b.out
}

// quick is how long a preparation may take without a word.
const quick = time.Second

// preparing shows long work that is not a training step: on one line of a terminal, or
// as a line for each tenth. Work that ends within a moment is not shown.
func (b *bar) preparing(what string, done, total int) {
	if done == 1 {
		b.began, b.tenth = time.Now(), 0
	}
	if b.first == 0 { // preparation between steps counts as training time
		b.start = time.Now()
	}
	elapsed := time.Since(b.began)
	tenth := done * 10 / total
	switch {
	case elapsed < quick:
		return
	case b.shown == nil && tenth == b.tenth:
		return
	}
	b.tenth = tenth
	end := "\n"
	if b.shown != nil && done < total {
		end = "\r"
	}
	left := time.Duration(float64(elapsed) / float64(done) * float64(total-done))
	fmt.Fprintf(b.out, "%s: %d/%d  %s, %s left %s", what, done, total, elapsed.Round(time.Second), left.Round(time.Second), end)
}

// update shows a step.
func (b *bar) update(p environment.Progress) {
	if b.first == 0 {
		b.first, b.timed = p.Step, time.Now()
	}
	accuracy := ""
	if p.Point != nil {
		accuracy = fmt.Sprintf(", target %.1f %%", 100*p.Point.Target.Accuracy)
	}
	if b.shown != nil {
		b.shown.Describe(fmt.Sprintf("loss %.3f + %.3f%s", p.TaskLoss, p.TransferLoss, accuracy))
		_ = b.shown.Set(p.Step) // a bar that cannot be drawn must not end a run
		return
	}
	if p.Evaluated || p.Step == 1 {
		left := ""
		if timed := p.Step - b.first; timed > 0 {
			rest := time.Duration(float64(time.Since(b.timed)) / float64(timed) * float64(p.Config.Steps-p.Step))
			left = fmt.Sprintf(", %s left", rest.Round(time.Second))
		}
		fmt.Fprintf(b.out, "step %d/%d  loss %.3f + %.3f%s  %s%s\n", p.Step, p.Config.Steps, p.TaskLoss, p.TransferLoss, accuracy,
			time.Since(b.start).Round(time.Second), left)
	}
}

// finish ends the bar.
func (b *bar) finish() {
	if b.shown != nil {
		_ = b.shown.Finish()
	}
}
