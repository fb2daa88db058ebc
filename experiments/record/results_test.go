package record

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/internal/bounded"
	"github.com/reciprocalnorm/rn/experiments/score"
)

func toyResult(t *testing.T, seed int64, accuracies ...float64) Result {
	t.Helper()
	c, err := config.Default("digits")
	if err != nil {
		t.Fatal(err)
	}
	c.Seed = seed
	r := Result{ID: c.ID(), Norm: c.Norm, Objective: c.Objective, Source: c.Source, Target: c.Target, Seed: seed, Config: c}
	for i, a := range accuracies {
		r.Points = append(r.Points, Point{Step: i + 1, Target: score.Evaluation{Accuracy: a, InfoMax: -a}})
	}
	r.Choose()
	return r
}

// TestChoices: last, label-free by InfoMax, and oracle are three different points.
func TestChoices(t *testing.T) {
	if got, want := toyResult(t, 0, 0.1, 0.9, 0.5).Accuracy, (Accuracy{Last: 0.5, InfoMax: 0.1, Oracle: 0.9}); got != want {
		t.Errorf("accuracies %+v, want %+v", got, want)
	}
}

// TestResultsRoundTrip appends after a half-written line: the good lines are
// read, the bad one is named.
func TestResultsRoundTrip(t *testing.T) {
	dir := t.TempDir()
	if err := toyResult(t, 0, 0.5).Append(dir); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, ResultsFile), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"id": "half`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := toyResult(t, 1, 0.7).Append(dir); err != nil {
		t.Fatal(err)
	}
	results, err := Read(dir)
	if err == nil || !strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), ResultsFile) {
		t.Errorf("error %v does not name the line", err)
	}
	if len(results) != 2 || results[1].Seed != 1 {
		t.Fatalf("results %+v", results)
	}
}

func TestReadResultsOfNothing(t *testing.T) {
	if _, err := Read(t.TempDir()); err == nil || !strings.Contains(err.Error(), ResultsFile) {
		t.Errorf("error %v", err)
	}
}

// TestParseResultsMemory: at most a multiple of the text, whatever it is full of.
func TestParseResultsMemory(t *testing.T) {
	for name, text := range map[string]string{
		"lines that are none": strings.Repeat("{}\n", 20_000),
		"points":              `{"id":"a","norm":"rn","points":[` + strings.Repeat("{},", 20_000) + "{}]}\n",
	} {
		t.Run(name, func(t *testing.T) {
			bounded.Allocation(t, len(text), resultsFactor, func() {
				_, err := parseResults(text)
				if name == "lines that are none" && (err == nil || !strings.Contains(err.Error(), "and 19990 more lines")) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

// parseResults reads a text as a file of results.
func parseResults(text string) (results []Result, err error) {
	err = readLines(strings.NewReader(text), ResultsFile, collect(&results))
	return results, err
}

// resultsFactor is what a byte of results may take: a point of three, "{},", has
// 112, and stands in a slice that grows.
const resultsFactor = 256

func FuzzReadLines(f *testing.F) {
	f.Add([]byte(`{"id":"a","norm":"rn","points":[{"step":1}]}` + "\n{\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var results []Result
		var err error
		bounded.Allocation(t, len(text), resultsFactor, func() { results, err = parseResults(string(text)) })
		for _, r := range results {
			if r.ID == "" || len(r.Points) == 0 {
				t.Errorf("%+v is not a result", r)
			}
		}
		if err == nil && len(results) == 0 && len(bytes.TrimSpace(text)) > 0 {
			t.Errorf("nothing was read from %q without an error", text)
		}
	})
}
