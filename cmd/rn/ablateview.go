package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/reciprocalnorm/rn/ablations"
)

// ablateView shows all runs of a suite: on a terminal as one progress bar over
// their steps, elsewhere as a line an evaluation and a run that is done.
type ablateView struct {
	out      io.Writer
	terminal bool
	shown    *progressbar.ProgressBar // once the number of steps is known
	start    time.Time
	done     int    // runs that were reported as done
	said     string // what was said to be prepared
}

// newAblateView makes a view.
func newAblateView(out io.Writer) *ablateView {
	v := &ablateView{out: out, start: time.Now()}
	if f, ok := out.(*os.File); ok {
		v.terminal = term.IsTerminal(int(f.Fd()))
	}
	return v
}

// update shows the progress.
func (v *ablateView) update(p ablations.Progress) {
	ended := p.Had+p.Done+p.Failed > v.done
	v.done = p.Had + p.Done + p.Failed
	what := fmt.Sprintf("%d/%d runs, %s", v.done, p.Runs, p.Job)
	if p.Preparing != "" {
		what += ", " + p.Preparing
	} else if point := p.Step.Point; point != nil {
		what += fmt.Sprintf(", target %.1f %%", 100*point.Target.Accuracy)
	}
	left := "unknown time"
	if p.Left > 0 || p.StepsDone == p.Steps {
		left = p.Left.Round(time.Second).String()
	}
	if v.terminal {
		if v.shown == nil {
			v.shown = progressbar.NewOptions(p.Steps, progressbar.OptionSetWriter(v.out), progressbar.OptionSetPredictTime(false), progressbar.OptionShowCount(),
				progressbar.OptionSetWidth(24), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		}
		v.shown.Describe(fmt.Sprintf("%s, %s left", what, left))
		_ = v.shown.Set(p.StepsDone) // a bar that cannot be drawn must not end a run
		return
	}
	if !ended && !p.Step.Evaluated && p.Step.Step != 1 && (p.Preparing == "" || v.said == p.Job.String()) {
		return
	}
	v.said = p.Job.String()
	fmt.Fprintf(v.out, "%s  step %d/%d  %s, %s left\n", what, p.StepsDone, p.Steps, time.Since(v.start).Round(time.Second), left)
}

// warn says what does not end the suite.
func (v *ablateView) warn(err error) {
	if v.shown != nil {
		_ = v.shown.Clear()
	}
	fmt.Fprintf(v.out, "rn: %v\n", err)
}

// finish ends the view.
func (v *ablateView) finish() {
	if v.shown != nil {
		_ = v.shown.Finish()
	}
}
