package report_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/internal/toyrun"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/study/report"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
)

func TestMain(m *testing.M) {
	if err := xlaflags.SetFast(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// recorded returns a results folder of the repository.
func recorded(name string) string { return filepath.Join("..", "..", "results", name) }

// command stands in for the command lines of package main.
func command(c config.Config) (string, error) { return "rn train --id " + c.ID(), nil }

// write writes a page, and returns it with the warnings.
func write(t *testing.T, o report.Options) (page string, warned []string, err error) {
	t.Helper()
	o.Environment.Warn = func(err error) { warned = append(warned, err.Error()) }
	if o.Command == nil {
		o.Command = command
	}
	var b bytes.Buffer
	err = report.Write(context.Background(), &b, o)
	return b.String(), warned, err
}

// TestRecorded writes the pages of the recorded results. They are well formed and
// self-contained, list every run with its command, have less than 2 MiB, and are
// reproducible.
func TestRecorded(t *testing.T) {
	for name, figures := range map[string]int{"digits": 7, "office-caltech10": 13, "office-caltech10-finetuned": 3} {
		t.Run(name, func(t *testing.T) {
			dir := recorded(name)
			page, warned, err := write(t, report.Options{Environment: environment.Environment{Output: environment.Output{Out: dir}}, Networks: 4})
			if err != nil {
				t.Fatal(err)
			}
			requireGood(t, page)
			results, err := record.Read(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				if !strings.Contains(page, "<td>"+r.ID+"</td>") || !strings.Contains(page, "--id "+r.Config.ID()) {
					t.Errorf("run %s or its command is not in the page", r.ID)
				}
			}
			if got := strings.Count(page, "<figure"); got != figures {
				t.Errorf("%d figures, want %d", got, figures)
			}
			if len(page) > 2<<20 {
				t.Errorf("the page has %d bytes, want at most 2 MiB", len(page))
			}
			unchecked := fmt.Sprintf("%d of %d lines in %s have no checksum", len(results), len(results), dir)
			missing := fmt.Sprintf("the networks of %d of %d runs are not in the folder", len(results), len(results))
			if len(warned) != 2 {
				t.Fatalf("warnings %q, want two", warned)
			}
			for i, want := range []string{unchecked, missing} {
				if !strings.Contains(warned[i], want) || !strings.Contains(page, want) {
					t.Errorf("warnings %q, want %q there and in the page", warned, want)
				}
			}
			again, _, err := write(t, report.Options{Environment: environment.Environment{Output: environment.Output{Out: dir}}, Networks: 4})
			if err != nil || again != page {
				t.Errorf("the second page of the same folder differs, %v", err)
			}
		})
	}
}

// TestTablesMatchResults compares the summary with package ablations, and expects it
// to name the settings of all runs that differ from the recipe.
func TestTablesMatchResults(t *testing.T) {
	page, _, err := write(t, report.Options{Environment: environment.Environment{Output: environment.Output{Out: recorded("office-caltech10")}}})
	if err != nil {
		t.Fatal(err)
	}
	results, err := record.Read(recorded("office-caltech10"))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range ablations.Groups(results) {
		row := fmt.Sprintf("<tr><td>%s → %s</td><td>%s</td><td>%s</td>", g[0].Source, g[0].Target, g[0].Objective, g[0].Norm)
		for _, c := range record.Choices() {
			if s := g.Summary(ablations.Metrics()[0], c); s != nil {
				row += `<td class="number">` + s.Percent() + "</td>"
			}
		}
		if !strings.Contains(page, row) {
			t.Errorf("the page has no row %s", row)
		}
	}
	for _, want := range []string{"All rows have network.weights = ", results[0].GitCommit, results[0].Versions["gomlx"], "Results in office-caltech10"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not contain %q", want)
		}
	}
}

// requireGood parses a page as XML, since the layout is valid XML and HTML. It checks
// that the page and its figures have no scripts and no references to other files.
func requireGood(t *testing.T, page string) {
	t.Helper()
	if !strings.HasPrefix(page, "<!DOCTYPE html>") {
		t.Error("the page has no doctype")
	}
	figures, images := 0, 0
	d := xml.NewDecoder(strings.NewReader(page))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "script", "link", "iframe", "object", "base":
				t.Errorf("the page has a %s", e.Name.Local)
			case "figure":
				figures++
			}
			for _, a := range e.Attr {
				switch a.Name.Local {
				case "src", "srcset":
					images++
					requireDrawing(t, a.Value)
				case "href":
					if !strings.HasPrefix(a.Value, "#") {
						t.Errorf("the page refers to %s", a.Value)
					}
				case "class", "id", "lang", "alt", "media", "scope", "name", "content", "charset":
				default:
					t.Errorf("a %s has the attribute %s", e.Name.Local, a.Name.Local)
				}
			}
		case xml.CharData:
			if bytes.Contains(e, []byte("url(")) || bytes.Contains(e, []byte("@import")) {
				t.Errorf("the style refers to another file: %.80s", e)
			}
		}
	}
	if images != 2*figures {
		t.Errorf("%d images in %d figures, want two schemes for each figure", images, figures)
	}
}

// requireDrawing checks that a figure is an SVG without scripts and references.
func requireDrawing(t *testing.T, url string) {
	t.Helper()
	data, ok := strings.CutPrefix(url, "data:image/svg+xml;base64,")
	if !ok {
		t.Errorf("an image is %.80s", url)
		return
	}
	svg, err := base64.StdEncoding.DecodeString(data)
	if err != nil || !bytes.Contains(svg, []byte("<svg")) {
		t.Errorf("%v: %.80s", err, svg)
	}
	if bytes.Contains(svg, []byte("<script")) || regexp.MustCompile(`href="[^#d]`).Match(svg) {
		t.Error("a figure has a script or refers to another file")
	}
}

// lines writes a results file; a string is a line as it stands.
func lines(t *testing.T, dir string, records ...any) {
	t.Helper()
	path := filepath.Join(dir, record.ResultsFile)
	for _, r := range records {
		text, isText := r.(string)
		if !isText {
			if err := record.AppendLine(path, r); err != nil {
				t.Fatal(err)
			}
			continue
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintln(f, text); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// someResults returns the recorded results of the digits.
func someResults(t *testing.T) []record.Result {
	t.Helper()
	results, err := record.Read(recorded("digits"))
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// TestBadInput checks that the page notes half-written lines and escapes hostile text,
// and that contradicting results and folders without results are errors.
func TestBadInput(t *testing.T) {
	results := someResults(t)
	t.Run("half-written line", func(t *testing.T) {
		dir := t.TempDir()
		lines(t, dir, results[0], `{"id":"beef`)
		page, warned, err := write(t, report.Options{Environment: environment.Environment{Output: environment.Output{Out: dir}}})
		if err != nil {
			t.Fatal(err)
		}
		if len(warned) != 1 || !strings.Contains(warned[0], "line 2") || !strings.Contains(page, "line 2") || !strings.Contains(page, results[0].ID) {
			t.Errorf("warnings %q", warned)
		}
	})
	t.Run("hostile text", func(t *testing.T) {
		dir, r := t.TempDir(), results[0]
		r.ID, r.Source, r.GitCommit = `<script>alert(1)</script>`, `"><img src=x>`, "</style>"
		lines(t, dir, r)
		page, _, err := write(t, report.Options{Environment: environment.Environment{Output: environment.Output{Out: dir}}, Title: "</title><script>"})
		if err != nil {
			t.Fatal(err)
		}
		requireGood(t, page)
	})
	t.Run("other versions", func(t *testing.T) {
		dir, r := t.TempDir(), results[0]
		r.ID, r.GitCommit = "cafe", "another"
		r.Time = r.Time.AddDate(0, 0, 1)
		lines(t, dir, results[0], r)
		page, warned, err := write(t, report.Options{Environment: environment.Environment{Output: environment.Output{Out: dir}}})
		if err != nil {
			t.Fatal(err)
		}
		if len(warned) != 1 || !strings.Contains(page, "the page shows the latest result") || !strings.Contains(page, "<td>cafe</td>") {
			t.Errorf("warnings %q", warned)
		}
	})
	t.Run("recipe of another version", func(t *testing.T) {
		dir, r := t.TempDir(), results[0]
		r.Recipe, r.Config.Recipe = "older", "older"
		lines(t, dir, r)
		o := report.Options{Environment: environment.Environment{Output: environment.Output{Out: dir}}, Command: func(config.Config) (string, error) { return "", errors.New("unknown recipe") }}
		page, warned, err := write(t, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(warned) != 1 || !strings.Contains(page, "no command repeats run "+r.ID+": unknown recipe") {
			t.Errorf("warnings %q", warned)
		}
	})
	t.Run("contradiction", func(t *testing.T) {
		dir, r := t.TempDir(), results[0]
		r.Accuracy.Last = 0
		r.Points = r.Points[:1]
		lines(t, dir, results[0], r)
		if _, _, err := write(t, report.Options{Environment: environment.Environment{Output: environment.Output{Out: dir}}}); err == nil || !strings.Contains(err.Error(), "different results") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		if _, _, err := write(t, report.Options{Environment: environment.Environment{Output: environment.Output{Out: t.TempDir()}}}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("error %v", err)
		}
		dir := t.TempDir()
		lines(t, dir, "{")
		if _, _, err := write(t, report.Options{Environment: environment.Environment{Output: environment.Output{Out: dir}}}); err == nil || !strings.Contains(err.Error(), "no results") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("no such run", func(t *testing.T) {
		page, warned, err := write(t, report.Options{Environment: environment.Environment{Output: environment.Output{Out: recorded("digits")}}, Runs: []string{"feedfacecafe", results[0].ID}})
		if err != nil {
			t.Fatal(err)
		}
		warnings := strings.Join(warned, "\n")
		for _, want := range []string{"run feedfacecafe is not among the results", "the network of run " + results[0].ID + " is left out"} {
			if !strings.Contains(warnings, want) || !strings.Contains(page, want) {
				t.Errorf("warnings %q, want %q there and in the page", warnings, want)
			}
		}
	})
}

// TestAblations checks that the page has the paired differences of a suite and their
// figure.
func TestAblations(t *testing.T) {
	base, err := config.Default("digits")
	if err != nil {
		t.Fatal(err)
	}
	suite, err := ablations.Lookup("gate-range")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := suite.Plan(base, 3)
	if err != nil {
		t.Fatal(err)
	}
	var records []any
	for i, job := range plan.Jobs(ablations.Shard{}) {
		r := someResults(t)[0]
		c := job.Config
		r.ID, r.Config, r.Source, r.Target, r.Norm, r.Seed = c.ID(), c, c.Source, c.Target, c.Norm, c.Seed
		r.Points = append([]record.Point(nil), r.Points...)
		r.Points[len(r.Points)-1].Target.Accuracy = 0.7 + 0.01*float64(i%5)
		records = append(records, ablations.Record{Suite: job.Suite, Variant: job.Variant, Base: &base, Result: r})
	}
	dir := t.TempDir()
	lines(t, dir, records[1:]...) // a run is missing
	page, _, err := write(t, report.Options{Environment: environment.Environment{Output: environment.Output{Out: dir}}})
	if err != nil {
		t.Fatal(err)
	}
	requireGood(t, page)
	read, err := ablations.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := ablations.Tables(read, ablations.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, r := range tables[0].Rows {
		for _, c := range r.Cells {
			if d := c.Difference; d != nil && c.Metric == "accuracy" && c.Choice == "last" {
				rows++
				if want := fmt.Sprintf("%+.1f [%+.1f, %+.1f]", 100*d.Mean, 100**d.Low, 100**d.High); !strings.Contains(html.UnescapeString(page), want) {
					t.Errorf("%s: the page has no %s", r.Name, want)
				}
			}
		}
	}
	if rows != 3 || !strings.Contains(page, "Differences to the base row") {
		t.Errorf("%d differences, want 3 and a figure", rows)
	}
}

// TestNetworks checks that a run with a saved network has figures of its layers and
// predictions, and that the page notes the figures that need missing photographs.
func TestNetworks(t *testing.T) {
	backend, err := platform.New("xla:cpu")
	if err != nil {
		t.Skipf("needs XLA: %v", err)
	}
	backend.Finalize()
	dir := t.TempDir()
	r, err := toyrun.Train(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	page, warned, err := write(t, report.Options{Environment: toyrun.Environment(dir), Networks: 1})
	if err != nil || len(warned) > 0 {
		t.Fatalf("%v, warnings %q", err, warned)
	}
	requireGood(t, page)
	for _, want := range []string{"Run " + r.ID, "Channel correlation of the last layer, means", "Channels whose best match", "Running statistics", "Confusion matrix", "Reliability", "Gates of the means over training"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if err := os.RemoveAll(toyrun.Environment(dir).Root); err != nil {
		t.Fatal(err)
	}
	page, warned, err = write(t, report.Options{Environment: toyrun.Environment(dir), Networks: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(warned) != 1 || !strings.Contains(warned[0], "Confusion matrix") || !strings.Contains(page, "left out") || !strings.Contains(page, "Running statistics") {
		t.Errorf("without photographs: warnings %q", warned)
	}
}
