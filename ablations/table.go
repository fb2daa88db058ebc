package ablations

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// Table compares the variants of a suite.
type Table struct {
	Suite string `json:"suite"`
	// Config is the configuration that the suite edits.
	Config config.Config `json:"config"`
	// Versions are the versions of the code that made the results.
	Versions []string `json:"versions"`
	// Rows are the variants that have results, in the suite's order.
	Rows []TableRow `json:"rows"`
	// Missing names the variants without results.
	Missing []string `json:"missing,omitempty"`
	// Setting names the data, the backend and the devices if another table has the same
	// suite and configuration.
	Setting string `json:"setting,omitempty"`
}

// TableRow summarizes a variant's results.
type TableRow struct {
	Variant
	// Base marks the row that the others are compared with.
	Base  bool    `json:"base"`
	Seeds []int64 `json:"seeds"`
	// Seconds is the mean wall time of a run.
	Seconds float64 `json:"seconds"`
	Cells   []Cell  `json:"cells"`
}

// Cell is a metric at a choice of the checkpoint, in fractions of 1.
type Cell struct {
	Metric string `json:"metric"`
	Choice string `json:"choice"`
	// Oracle marks a choice that uses target labels.
	Oracle bool `json:"oracle,omitempty"`
	// Summary is nil if a result lacks the score that the choice needs.
	*Summary
	// Difference to the base row; nil in the base row itself, and if the rows share no
	// seed.
	Difference *Difference `json:"difference,omitempty"`
}

// cell finds a cell.
func (r TableRow) cell(m Metric, c record.Choice) Cell {
	i := slices.IndexFunc(r.Cells, func(cell Cell) bool { return cell.Metric == m.Name && cell.Choice == c.Name })
	return r.Cells[i]
}

// base returns the row that the others are compared with. ok is false if it has no
// results.
func (t Table) base() (row TableRow, ok bool) {
	i := slices.IndexFunc(t.Rows, func(r TableRow) bool { return r.Base })
	if i < 0 {
		return TableRow{}, false
	}
	return t.Rows[i], true
}

// Selection chooses tables.
type Selection struct {
	// Suite is the suite to compare; empty for every suite that has results.
	Suite string
	// Base is the variant that the others are compared with; empty for the
	// configuration that the suite edits.
	Base string
}

// Tables makes a table for each suite, edited configuration and setting, in order of
// first appearance. A result belongs to every variant that has its configuration,
// whichever suite asked for the run. Pass records through [Merge] and one of
// [OneVersion] and [AnyVersion] first.
func Tables(records []Record, s Selection) ([]Table, error) {
	if s.Suite != "" {
		if _, err := Lookup(s.Suite); err != nil {
			return nil, err
		}
	}
	type key struct{ suite, base, setting string }
	seen := make(map[key]bool)
	var tables []Table
	var settings [][]Record // of each table
	add := func(suite string, of Record) error {
		k := key{suite, withoutSeed(*of.Base), settingOf(of.Result)}
		if seen[k] {
			return nil
		}
		seen[k] = true
		var same []Record
		for _, r := range records {
			if settingOf(r.Result) == k.setting {
				same = append(same, r)
			}
		}
		t, err := table(same, suite, *of.Base, s.Base)
		if errors.Is(err, ErrUnknownVariant) {
			return err
		}
		if err != nil {
			return fmt.Errorf("%s: %w", of.Where, err)
		}
		for i, other := range tables {
			if other.Suite == t.Suite && withoutSeed(other.Config) == withoutSeed(t.Config) {
				tables[i].Setting, t.Setting = describeSetting(settings[i]), describeSetting(same)
			}
		}
		tables, settings = append(tables, t), append(settings, same)
		return nil
	}
	for _, r := range records {
		if r.Base != nil && (s.Suite == "" || s.Suite == r.Suite) {
			if err := add(r.Suite, r); err != nil {
				return nil, err
			}
		}
	}
	if len(tables) == 0 && s.Suite != "" { // other suites may have asked for all of its runs
		for _, r := range records {
			if r.Base != nil {
				if err := add(s.Suite, r); err != nil {
					return nil, err
				}
			}
		}
	}
	if len(tables) == 0 {
		return nil, fmt.Errorf("none of the %d results belongs to a suite: run one with rn ablate", len(records))
	}
	return tables, nil
}

// settingOf returns an id of what the runs of one table share besides the edited
// configuration: images, kind of backend and number of devices.
func settingOf(r record.Result) string {
	id := r.Identity()
	digests := maps.Clone(id.Digests)
	delete(digests, record.DigestWeights) // a variant may have another backbone
	return record.Identity{Digests: digests, Backend: id.Backend, Devices: id.Devices}.ID()
}

// describeSetting names the backend, the devices and the data of records.
func describeSetting(records []Record) string {
	id := records[0].Identity()
	var parts []string
	if id.Backend != "" {
		parts = append(parts, fmt.Sprintf("%s ×%d", id.Backend, id.Devices))
	}
	return strings.Join(append(parts, fmt.Sprintf("test data %.8s", cmp.Or(id.Digests[record.DigestTest], "unknown"))), ", ")
}

// table makes the table of a suite and an edited configuration.
func table(records []Record, name string, c config.Config, base string) (Table, error) {
	suite, err := Lookup(name)
	if err != nil {
		return Table{}, err
	}
	rows, _, err := suite.Rows(c)
	if err != nil {
		return Table{}, err
	}
	t := Table{Suite: name, Config: c}
	var names []string
	for i, row := range rows {
		names = append(names, row.Name)
		if base != "" {
			rows[i].Base = row.Name == base
		}
	}
	if base != "" && !slices.Contains(names, base) {
		return Table{}, unknownVariant(base, name, names)
	}
	groups := make(map[string]Group)
	versions := make(map[string]bool)
	for _, row := range rows {
		id := withoutSeed(row.Config)
		for _, r := range records {
			if withoutSeed(r.Config) != id {
				continue
			}
			if groups[row.Name] == nil {
				groups[row.Name] = Group{}
			}
			groups[row.Name][r.Seed] = r.Result
			versions[r.GitCommit] = true
		}
	}
	t.Versions = slices.Sorted(maps.Keys(versions))
	var compared Group
	for _, row := range rows {
		if row.Base {
			compared = groups[row.Name]
		}
	}
	for _, row := range rows {
		g := groups[row.Name]
		if len(g) == 0 {
			t.Missing = append(t.Missing, row.Name)
			continue
		}
		out := TableRow{Variant: row.Variant, Base: row.Base, Seeds: g.Seeds(), Seconds: g.Seconds()}
		for _, m := range metrics {
			for _, choice := range record.Choices() {
				cell := Cell{Metric: m.Name, Choice: choice.Name, Oracle: choice.Oracle, Summary: g.Summary(m, choice)}
				if !row.Base {
					cell.Difference = Compare(g.Values(m, choice), compared.Values(m, choice))
				}
				out.Cells = append(out.Cells, cell)
			}
		}
		t.Rows = append(t.Rows, out)
	}
	return t, nil
}
