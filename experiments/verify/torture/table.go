package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"text/tabwriter"
)

// Files that the command writes.
const (
	jsonFile = "torture.json"
	textFile = "torture.txt"
)

// table counts outcomes by kind of fault.
type table struct {
	Seed  uint64 `json:"seed"`
	Short bool   `json:"short"`
	Rows  []*row `json:"rows"`

	mu sync.Mutex
}

// row counts the outcomes of a kind of fault.
type row struct {
	Kind     string          `json:"kind"`
	Trials   int             `json:"trials"`
	Survived int             `json:"survived"`
	Silent   int             `json:"silent"`
	Outcomes map[outcome]int `json:"outcomes"`
	Peak     int64           `json:"peak_bytes"`
	Skipped  string          `json:"skipped,omitempty"` // why
	Failures []failure       `json:"failures,omitempty"`
}

// failure is a trial that rn did not survive.
type failure struct {
	Trial   int     `json:"trial"`
	Outcome outcome `json:"outcome"`
	How     string  `json:"how"`
	Said    string  `json:"said"`
}

func newTable(seed uint64, short bool) *table { return &table{Seed: seed, Short: short} }

// add adds a row.
func (t *table) add(k kind) {
	t.Rows = append(t.Rows, &row{Kind: k.name, Outcomes: make(map[outcome]int)})
}

// row finds the row of a kind.
func (t *table) row(k kind) *row {
	for _, r := range t.Rows {
		if r.Kind == k.name {
			return r
		}
	}
	panic("no row " + k.name) // run adds all
}

// skip notes why a kind is left out.
func (t *table) skip(k kind, why string) { t.row(k).Skipped = why }

// skipped reports whether a kind is left out.
func (t *table) skipped(k kind) bool { return t.row(k).Skipped != "" }

// enter counts a trial.
func (t *table) enter(k kind, i int, got outcome, trial *trial) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.row(k)
	r.Trials++
	r.Outcomes[got]++
	r.Peak = max(r.Peak, trial.peak)
	switch {
	case got.survived():
		r.Survived++
	default:
		if got == silent {
			r.Silent++
		}
		r.Failures = append(r.Failures, failure{i, got, trial.how, trial.said})
	}
}

// failed is the number of trials that rn did not survive.
func (t *table) failed() (n int) {
	for _, r := range t.Rows {
		n += r.Trials - r.Survived
	}
	return n
}

// text lays the table out.
func (t *table) text() string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "fault\ttrials\tsurvived\tsilent\tpeak MiB\toutcomes\t")
	total := row{Kind: "total", Outcomes: make(map[outcome]int)}
	for _, r := range t.Rows {
		if r.Skipped != "" {
			fmt.Fprintf(w, "%s\t\t\t\t\tskipped: %s\t\n", r.Kind, r.Skipped)
			continue
		}
		r.line(w)
		total.Trials += r.Trials
		total.Survived += r.Survived
		total.Silent += r.Silent
		total.Peak = max(total.Peak, r.Peak)
		for o, n := range r.Outcomes {
			total.Outcomes[o] += n
		}
	}
	total.line(w)
	_ = w.Flush() // a strings.Builder returns no errors
	return out.String()
}

// line writes a row.
func (r *row) line(w *tabwriter.Writer) {
	var counts []string
	for _, o := range []outcome{refused, recomputed, same, unfaulted, silent, lost, torn, crashed, hung, grew} {
		if n := r.Outcomes[o]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, o))
		}
	}
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%s\t\n", r.Kind, r.Trials, r.Survived, r.Silent, r.Peak>>20, strings.Join(counts, ", "))
}

// write writes the table to a folder as text and as JSON.
func (t *table) write(dir string) error {
	data, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, jsonFile), append(data, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, textFile), []byte(t.text()), 0o644)
}
