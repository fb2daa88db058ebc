package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/study/figures"
)

// group describes the runs of a configuration.
type group struct {
	Title       string
	Differences []figures.Difference
	Runs        table
	// Commands repeat the runs, one line each.
	Commands []string
}

// list lists the runs and their environments.
func (p *page) list() {
	results := p.results()
	out := p.options.Environment.Out
	for _, g := range ablations.Groups(results) {
		first := anyOf(g)
		listed := group{
			Title:       fmt.Sprintf("%s, %s, %s: %s", taskOf(first), first.Objective, first.Norm, count(len(g), "run")),
			Differences: figures.Differences(first.Config),
		}
		chosen := choices([]ablations.Group{g})
		listed.Runs.Header = append(texts("run"), numbers("seed")...)
		for _, c := range chosen {
			listed.Runs.Header = append(listed.Runs.Header, numbers(choiceTitle(c))...)
		}
		listed.Runs.Header = append(listed.Runs.Header, append(numbers("seconds"), texts("finished", "network")...)...)
		for _, seed := range g.Seeds() {
			r := g[seed]
			row := append(texts(r.ID), numbers(strconv.FormatInt(r.Seed, 10))...)
			for _, c := range chosen {
				i, ok := c.Of(r.Points)
				text := "–"
				if ok {
					text = fmt.Sprintf("%.2f", 100*r.Points[i].Target.Accuracy)
				}
				row = append(row, numbers(text)...)
			}
			network := "missing"
			if experiments.HasCheckpoints(out, r.ID) {
				network = "saved"
			}
			row = append(row, append(numbers(secondsText(r.Seconds)), texts(r.Time.Format("2006-01-02 15:04 MST"), network)...)...)
			listed.Runs.Rows = append(listed.Runs.Rows, row)
			if p.options.Command != nil {
				if line, err := p.options.Command(r.Config); err != nil {
					p.note(fmt.Errorf("no command repeats run %s: %w", r.ID, err))
				} else {
					listed.Commands = append(listed.Commands, line)
				}
			}
		}
		p.Groups = append(p.Groups, listed)
	}
	p.Machines = machines(results)
}

// count formats a number with its noun.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// machines lists the environments in which the results were computed.
func machines(results []record.Result) table {
	t := table{Header: append(texts("commit", "backend", "devices", "Go", "GoMLX", "go-xla"), numbers("runs")...)}
	for _, m := range parts(results, func(r record.Result) string { return strings.Join(machineOf(r), "\n") }) {
		t.Rows = append(t.Rows, slices.Concat(texts(machineOf(m.results[0])...), numbers(strconv.Itoa(len(m.results)))))
	}
	return t
}

// machineOf returns the environment of a result: commit, backend, devices, versions.
func machineOf(r record.Result) []string {
	backend := r.Platform.Backend
	if r.Platform.Plugin != "" {
		backend += ":" + r.Platform.Plugin
	}
	if r.Platform.PluginVersion != "" {
		backend += " (PJRT " + r.Platform.PluginVersion + ")"
	}
	return []string{
		r.GitCommit, backend, fmt.Sprintf("%d × %s", r.Platform.Devices, r.Platform.Device),
		r.Versions["go"], r.Versions["gomlx"], r.Versions["go-xla"],
	}
}
