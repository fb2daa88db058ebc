package notebook

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/runs"
	"github.com/reciprocalnorm/rn/experiments/score"
)

// progress returns the progress of a run at a step, with or without an evaluation.
func progress(step int, evaluated bool) environment.Progress {
	return environment.Progress{
		Config: Digits(), Step: step, Evaluated: evaluated,
		Point: &record.Point{Step: step, Target: score.Evaluation{Accuracy: 0.5}},
	}
}

func TestLive(t *testing.T) {
	l := newLiveFigure("mnist → uci")
	if l.page("") != "" {
		t.Errorf("the page before the first step is %q, want none", l.page(""))
	}
	show := l.progress("rn")
	show(progress(1, false))
	if len(l.curves) != 0 {
		t.Error("a curve before the first evaluation")
	}
	show(progress(20, true))
	show(progress(40, true))
	l.runs(runs.Progress{Runs: 5, Reused: 1, Done: 2, Job: runs.Job{Name: "ds, seed 0"}, Step: progress(20, true)})
	l.warn(errors.New("a < b"))
	if got := l.page("step 40"); !strings.Contains(got, "<svg") || !strings.Contains(got, "<p>step 40</p>") ||
		!strings.Contains(got, "3 of 5 runs are done") || !strings.Contains(got, "a &lt; b") {
		t.Errorf("page %.200q…, want curves, the step, the number of finished runs and the warning", got)
	}
	if len(l.curves) != 2 || l.curves[1].Name != "ds, seed 0" || len(l.curves[0].X) != 2 {
		t.Errorf("curves %+v, want one of rn with two points and one of ds", l.curves)
	}
	l.clear()
	if got := l.page(""); got != "<p>a &lt; b</p>" {
		t.Errorf("the cleared page is %q, want only the warning", got)
	}
}

// TestLiveKeepsTheLast checks that new curves replace the oldest beyond maxCurves.
func TestLiveKeepsTheLast(t *testing.T) {
	l := newLiveFigure("")
	for i := range maxCurves + 2 {
		l.progress(fmt.Sprint("run ", i))(progress(20, true))
	}
	if len(l.curves) != maxCurves || l.curves[0].Name != "run 2" || !strings.Contains(l.page(""), "<svg") {
		t.Errorf("%d curves, the first of %q; want %d, the first of run 2", len(l.curves), l.curves[0].Name, maxCurves)
	}
}
