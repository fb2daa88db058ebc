package report_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
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

// recorded is a folder of results of the repository.
func recorded(name string) string { return filepath.Join("..", "..", "results", name) }

// command stands for that of the command line.
func command(c config.Config) (string, error) { return "rn train --id " + c.ID(), nil }

// write makes a page; warnings are returned.
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

// TestRecorded makes the pages of the recorded results: well formed, with every
// run and its command, nothing from elsewhere, and of a size that can be sent.
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
				t.Errorf("the page has %d bytes", len(page))
			}
			lacks := fmt.Sprintf("the networks of %d of %d runs are not in the folder", len(results), len(results))
			if len(warned) != 1 || !strings.Contains(warned[0], lacks) || !strings.Contains(page, lacks) {
				t.Errorf("told %q, want that %q, in the page, too", warned, lacks)
			}
			again, _, err := write(t, report.Options{Environment: environment.Environment{Output: environment.Output{Out: dir}}, Networks: 4})
			if err != nil || again != page {
				t.Errorf("the same folder makes another page, %v", err)
			}
		})
	}
}

// TestTablesAreTheResults: the summary has the numbers of package ablations, and
// says what all runs have that is not the recipe's.
func TestTablesAreTheResults(t *testing.T) {
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
	for _, want := range []string{"in all rows network.weights = ", results[0].GitCommit, results[0].Versions["gomlx"], "Results in office-caltech10"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// requireGood reads a page as XML, which its layout is as well as HTML, and looks
// for scripts and references out of it, in its figures, too.
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
				t.Errorf("the style refers to something: %.80s", e)
			}
		}
	}
	if images != 2*figures {
		t.Errorf("%d images of %d figures, want each in two schemes", images, figures)
	}
}

// requireDrawing checks a figure, an SVG without scripts and references.
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
		t.Error("a figure refers to something else")
	}
}

// lines writes a results file.
func lines(t *testing.T, dir string, records ...any) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, record.ResultsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, r := range records {
		text, isText := r.(string)
		if !isText {
			data, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			text = string(data)
		}
		fmt.Fprintln(f, text)
	}
}

// someResults are recorded results of the digits.
func someResults(t *testing.T) []record.Result {
	t.Helper()
	results, err := record.Read(recorded("digits"))
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// TestBadInput: half-written lines are left out and said, hostile text is text,
// contradicting results and folders without any are errors.
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
			t.Errorf("told %q", warned)
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
		if len(warned) != 1 || !strings.Contains(page, "the latest result is shown") || !strings.Contains(page, "<td>cafe</td>") {
			t.Errorf("told %q", warned)
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
		if len(warned) != 1 || !strings.Contains(page, "no command that makes it again: unknown recipe") {
			t.Errorf("told %q", warned)
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
		told := strings.Join(warned, "\n")
		for _, want := range []string{"run feedfacecafe is not among the results", "the network of run " + results[0].ID + " is left out"} {
			if !strings.Contains(told, want) || !strings.Contains(page, want) {
				t.Errorf("told %q, want %q, in the page, too", told, want)
			}
		}
	})
}

// TestAblations: the page has the paired differences of the suites that the
// results were run as, and their figure.
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
		t.Errorf("%d differences, want 3 and their figure", rows)
	}
}

// TestNetworks: the run whose network is there has figures of its layers and its
// predictions.
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
		t.Fatalf("%v, told %q", err, warned)
	}
	requireGood(t, page)
	for _, want := range []string{"Run " + r.ID, "Channel correlation of the last layer, means", "Channels that find themselves", "Running statistics", "Confusion matrix", "Reliability", "Gates of the means over training"} {
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
		t.Errorf("without photographs: told %q", warned)
	}
}
