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

// Record is a line of a results file: a result, and which variant it was run as.
type Record struct {
	// Suite and Variant name it; empty for a run of no suite.
	Suite   string `json:"suite,omitempty"`
	Variant string `json:"variant,omitempty"`
	// Base is the configuration that the suite edits.
	Base *config.Config `json:"base,omitempty"`
	record.Result

	// Where says where it was read: file and line.
	Where string `json:"-"`
}

// run is the id of what was run.
func (r Record) run() string { return r.Identity().ID() }

// withoutSeed is the id of a configuration whatever the seed.
func withoutSeed(c config.Config) string {
	c.Seed = 0
	return c.ID()
}

// Read reads results.jsonl and every other results*.jsonl of a folder. Lines
// that are not results, such as half-written ones, are left out and named in the
// error, which comes with what could be read.
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

// append adds the record to the file of a shard.
func (r Record) append(dir string, shard Shard) error {
	return record.AppendLine(filepath.Join(dir, shard.file()), r)
}

// Merge leaves one record of each run, the first: files may have the same lines.
// Records of the same run with different figures are an error, which says which
// and where.
func Merge(records []Record) ([]Record, error) {
	first := make(map[string]Record)
	var merged []Record
	var errs []error
	for _, r := range records {
		other, seen := first[r.run()]
		if !seen {
			first[r.run()] = r
			merged = append(merged, r)
		} else if figures := difference(other, r); figures != "" {
			errs = append(errs, fmt.Errorf("run %s (%s, seed %d) has different figures in %s and in %s: %s: remove one of the lines",
				r.ID, cmp.Or(r.Variant, r.Norm), r.Seed, other.Where, r.Where, figures))
		}
	}
	return merged, errors.Join(errs...)
}

// difference names a figure that two results of the same run do not share, with
// both values; empty if they share all. Times may differ.
func difference(a, b Record) string {
	if len(a.Points) != len(b.Points) {
		return fmt.Sprintf("%d and %d evaluations", len(a.Points), len(b.Points))
	}
	for i, p := range a.Points {
		q := b.Points[i]
		for _, m := range metrics {
			if x, y := m.of(p.Target), m.of(q.Target); x != y {
				return fmt.Sprintf("%s of step %d is %g and %g", m.Label, p.Step, x, y)
			}
		}
		if !reflect.DeepEqual(p, q) {
			return fmt.Sprintf("the evaluation of step %d, with target accuracy %g in both", p.Step, p.Target.Accuracy)
		}
	}
	if a.Accuracy != b.Accuracy || a.Recall != b.Recall {
		return fmt.Sprintf("chosen accuracies are %+v and %+v", a.Accuracy, b.Accuracy)
	}
	return ""
}

// OtherVersionError says that results are of several versions of the code.
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
	return "results are of several versions of the code: " + strings.Join(versions, ", ")
}

// OneVersion leaves the records of a version of the code; without one there must
// be a single version, else the error is an [OtherVersionError].
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
		return nil, fmt.Errorf("no result is of version %s of the code: there are %s", version, strings.Join(slices.Sorted(maps.Keys(runs)), ", "))
	}
	return kept, nil
}

// AnyVersion keeps the latest record of each run, whatever version of the code made
// it.
func AnyVersion(records []Record) []Record { return record.LatestOfEach(records) }
