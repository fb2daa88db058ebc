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

// maxCurves is how many curves a figure can tell apart; see plots.Curves.
const maxCurves = 8

// Live shows the target accuracy of runs below a cell while they train.
type Live struct {
	mu       sync.Mutex
	title    string
	id       string // of the output
	shown    bool
	status   string
	warnings []string
	curves   []plots.Series
}

// NewLive prepares a live figure; nothing is shown before the first progress.
func NewLive(title string) *Live { return &Live{title: title, id: gonbui.UniqueId()} }

// Progress returns what shows the progress of a run; see
// environment.Environment.
func (l *Live) Progress(name string) func(environment.Progress) {
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

// preparing shows what a run does before its first step.
func (l *Live) preparing(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.show(what)
}

// Warn shows what does not end a run.
func (l *Live) Warn(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.warnings = append(l.warnings, err.Error())
	l.show("")
}

// show updates the output.
func (l *Live) show(step string) {
	if page := l.page(step); page != "" || l.shown {
		gonbui.UpdateHTML(l.id, page)
		l.shown = true
	}
}

// page is what is shown, as HTML.
func (l *Live) page(step string) string {
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

// Clear removes what was shown, but warnings.
func (l *Live) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.curves, l.status = nil, ""
	l.show("")
}
