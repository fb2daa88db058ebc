package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/reciprocalnorm/rn/experiments/runs"
)

// runsView shows the progress of several runs. A terminal gets one progress bar over all
// steps, any other writer a line for each evaluation and each finished run.
type runsView struct {
	out      io.Writer
	terminal *os.File                 // nil for any other writer
	shown    *progressbar.ProgressBar // once the number of steps is known
	start    time.Time
	done     int    // ended runs that the view has shown
	prepared string // name of the last run whose preparation the view has shown
}

// watchRuns makes a view and lets the runs report to it.
func watchRuns(out io.Writer, o *runs.Options) *runsView {
	v := &runsView{out: out, start: time.Now()}
	v.terminal, _ = terminalOf(out)
	o.Environment.Log = out
	o.Progress, o.Warn = v.update, v.warn
	return v
}

// update shows progress.
func (v *runsView) update(p runs.Progress) {
	if p.Job.Name == "" {
		v.begin(p)
		return
	}
	ended := p.Reused+p.Done+p.Failed > v.done
	v.done = p.Reused + p.Done + p.Failed
	what := fmt.Sprintf("%d/%d runs, %s", v.done, p.Runs, p.Job.Name)
	if p.Preparing != "" {
		what += ", " + p.Preparing
	} else if point := p.Step.Point; point != nil {
		what += fmt.Sprintf(", target %.1f %%", 100*point.Target.Accuracy)
	}
	left := "unknown time"
	if p.Left > 0 || p.StepsDone == p.Steps {
		left = p.Left.Round(time.Second).String()
	}
	if v.terminal != nil {
		if v.shown == nil {
			v.shown = progressbar.NewOptions(p.Steps, progressbar.OptionSetWriter(v.terminal), progressbar.OptionSetPredictTime(false), progressbar.OptionShowCount(),
				progressbar.OptionSetWidth(24), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		}
		v.shown.Describe(escapeControls(fmt.Sprintf("%s, %s left", what, left)))
		_ = v.shown.Set(p.StepsDone) // a bar that cannot be drawn must not end a run
		return
	}
	if !ended && !p.Step.Evaluated && p.Step.Step != 1 && (p.Preparing == "" || v.prepared == p.Job.Name) {
		return
	}
	v.prepared = p.Job.Name
	fmt.Fprintf(v.out, "%s  step %d/%d  %s, %s left\n", what, p.StepsDone, p.Steps, time.Since(v.start).Round(time.Second), left)
}

// begin shows what comes before the first run: the digests of data, in place on a
// terminal, and how many stored runs are reused.
func (v *runsView) begin(p runs.Progress) {
	switch {
	case p.Preparing != "" && v.terminal != nil:
		fmt.Fprintf(v.out, "%s \r", p.Preparing)
	case p.Preparing == "" && p.Reused > 0:
		fmt.Fprintf(v.out, "reusing %d of %d runs\n", p.Reused, p.Runs)
	}
	v.done = p.Reused
}

// warn shows a problem that does not end the runs.
func (v *runsView) warn(err error) {
	if v.shown != nil {
		_ = v.shown.Clear()
	}
	fmt.Fprintf(v.out, "rn: %v\n", err)
}

// finish ends the view.
func (v *runsView) finish() {
	if v.shown != nil {
		_ = v.shown.Finish()
	}
}
