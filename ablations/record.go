package ablations

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// Record is a line of a results file: a result, and the suite and variant that the
// run belongs to.
type Record struct {
	// Suite and Variant are empty for runs that no suite asked for.
	Suite   string `json:"suite,omitempty"`
	Variant string `json:"variant,omitempty"`
	// Base is the configuration that the suite edits.
	Base *config.Config `json:"base,omitempty"`
	record.Result

	// Where is the file and line that the record was read from.
	Where string `json:"-"`
}

// run is the id of the run's identity.
func (r Record) run() string { return r.Identity().ID() }

// withoutSeed returns an id that is equal for configurations that differ only in the
// seed.
func withoutSeed(c config.Config) string {
	c.Seed = 0
	return c.ID()
}

// Read reads results.jsonl and every other results*.jsonl of a folder. It skips lines
// that are not results, such as half-written ones, and names them in the error, which
// comes together with the records that could be read.
func Read(dir string) ([]Record, error) {
	var records []Record
	err := record.ReadLines(dir, func(line []byte, where string) error {
		r := Record{Where: where}
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		if err := r.Check(); err != nil {
			return err
		}
		records = append(records, r)
		return nil
	})
	return records, err
}

// append adds the record to the file of a shard as a line.
func (r Record) append(dir string, shard Shard) error {
	return record.AppendLine(filepath.Join(dir, shard.file()), r)
}

// Merge keeps the first record of each run, since files may repeat lines. It returns
// an error that names the numbers and the lines if two records of a run disagree.
func Merge(records []Record) ([]Record, error) {
	first := make(map[string]Record)
	var merged []Record
	var errs []error
	for _, r := range records {
		other, seen := first[r.run()]
		if !seen {
			first[r.run()] = r
			merged = append(merged, r)
		} else if different := difference(other, r); different != "" {
			errs = append(errs, fmt.Errorf("run %s (%s, seed %d) has different results in %s and in %s: %s; remove one of the two lines",
				r.ID, cmp.Or(r.Variant, r.Norm), r.Seed, other.Where, r.Where, different))
		}
	}
	return merged, errors.Join(errs...)
}

// difference names the first number in which two results of a run differ, with both
// values, and is empty if they agree. Times may differ.
func difference(a, b Record) string {
	if len(a.Points) != len(b.Points) {
		return fmt.Sprintf("they have %d and %d evaluations", len(a.Points), len(b.Points))
	}
	for i, p := range a.Points {
		q := b.Points[i]
		for _, m := range metrics {
			if x, y := m.of(p.Target), m.of(q.Target); x != y {
				return fmt.Sprintf("%s of step %d is %g and %g", m.Label, p.Step, x, y)
			}
		}
		if !reflect.DeepEqual(p, q) {
			return fmt.Sprintf("the evaluations of step %d differ, with target accuracy %g in both", p.Step, p.Target.Accuracy)
		}
	}
	if a.Accuracy != b.Accuracy || a.Recall != b.Recall {
		return fmt.Sprintf("the chosen accuracies are %+v and %+v", a.Accuracy, b.Accuracy)
	}
	return ""
}

// OtherVersionError reports results of several versions of the code.
type OtherVersionError struct {
	// Runs counts results by version.
	Runs map[string]int
}

// Error implements error.
func (e OtherVersionError) Error() string {
	var versions []string
	for _, v := range slices.Sorted(maps.Keys(e.Runs)) {
		versions = append(versions, fmt.Sprintf("%s (%d)", v, e.Runs[v]))
	}
	return "several versions of the code made the results: " + strings.Join(versions, ", ")
}

// OneVersion keeps the records of one version of the code. If version is empty, all
// records must be of one version; else the error is an [OtherVersionError].
func OneVersion(records []Record, version string) ([]Record, error) {
	runs := make(map[string]int)
	for _, r := range records {
		runs[r.GitCommit]++
	}
	if version == "" {
		if len(runs) > 1 {
			return nil, OtherVersionError{Runs: runs}
		}
		return records, nil
	}
	var kept []Record
	for _, r := range records {
		if r.GitCommit == version {
			kept = append(kept, r)
		}
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("no result is of code version %s: the results are of %s", version, strings.Join(slices.Sorted(maps.Keys(runs)), ", "))
	}
	return kept, nil
}

// AnyVersion keeps the latest record of each run, whatever version of the code made
// it.
func AnyVersion(records []Record) []Record { return record.LatestOfEach(records) }
