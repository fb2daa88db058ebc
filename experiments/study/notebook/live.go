package notebook

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"sync"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/plots"
)

// maxCurves is the largest number of curves that plots.Curves can tell apart.
const maxCurves = 8

// liveFigure shows the target accuracy of runs below a cell while they train.
type liveFigure struct {
	mu       sync.Mutex
	title    string
	id       string // of the output
	shown    bool
	status   string
	warnings []string
	curves   []plots.Series
}

// newLiveFigure prepares a live figure, which appears with the first progress.
func newLiveFigure(title string) *liveFigure {
	return &liveFigure{title: title, id: gonbui.UniqueId()}
}

// progress returns a function that shows the progress of a run.
func (l *liveFigure) progress(name string) func(environment.Progress) {
	return func(p environment.Progress) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if !p.Evaluated {
			if p.Step%10 == 1 {
				l.show(fmt.Sprintf("%s: step %d of %d", name, p.Step, p.Config.Steps))
			}
			return
		}
		i := slices.IndexFunc(l.curves, func(s plots.Series) bool { return s.Name == name })
		if i < 0 {
			if len(l.curves) == maxCurves {
				l.curves = l.curves[1:]
			}
			l.curves = append(l.curves, plots.Series{Name: name, Runs: [][]float64{nil}})
			i = len(l.curves) - 1
		}
		s := &l.curves[i]
		s.X, s.Runs[0] = append(s.X, float64(p.Step)), append(s.Runs[0], p.Point.Target.Accuracy)
		l.show(fmt.Sprintf("%s: step %d of %d", name, p.Step, p.Config.Steps))
	}
}

// preparing shows a message about the time before the first step of a run.
func (l *liveFigure) preparing(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.show(what)
}

// warn shows a warning. Warnings stay until the cell ends.
func (l *liveFigure) warn(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.warnings = append(l.warnings, err.Error())
	l.show("")
}

// show updates the output with a message about the current step.
func (l *liveFigure) show(step string) {
	if page := l.page(step); page != "" || l.shown {
		gonbui.UpdateHTML(l.id, page)
		l.shown = true
	}
}

// page returns the output as HTML.
func (l *liveFigure) page(step string) string {
	var b strings.Builder
	if len(l.curves) > 0 {
		f, err := plots.Curves(l.curves, plots.CurveOptions{
			Options: plots.Options{Title: l.title, Width: Width}, XLabel: "step", YLabel: "target accuracy", Percent: true, Band: plots.BandNone,
		})
		b.WriteString(page(f, err))
	}
	for _, line := range slices.Concat([]string{step, l.status}, l.warnings) {
		if line != "" {
			fmt.Fprintf(&b, "<p>%s</p>", html.EscapeString(line))
		}
	}
	return b.String()
}

// clear removes the curves and the progress, but keeps the warnings.
func (l *liveFigure) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.curves, l.status = nil, ""
	l.show("")
}
