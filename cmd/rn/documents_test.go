package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments/record"
)

var update = flag.Bool("update", false, "rewrite the documents' tables from the recorded results")

// resultsDir holds the recorded results, a folder a table.
const resultsDir = "../../experiments/results"

// tableDocuments are the documents that show recorded results.
var tableDocuments = []string{"../../README.md", resultsDir + "/README.md"}

// TestTables checks that every table of results in the documents equals what the
// commands print for the recorded results. With -update it rewrites the tables.
func TestTables(t *testing.T) {
	for _, name := range tableDocuments {
		document := read(t, name)
		want, err := withTables(document, makeTable)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if document == want {
			continue
		}
		if *update {
			if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		t.Errorf("%s differs from the recorded results; %s\nrewrite its tables: go test ./cmd/rn -run TestTables -update", name, firstDifference(document, want))
	}
}

// TestTablesEveryDigit changes each digit of each table in turn and checks that the
// comparison notices it.
func TestTablesEveryDigit(t *testing.T) {
	made := make(map[tableSource]string)
	remembered := func(source tableSource) (string, error) {
		if made[source] == "" {
			table, err := makeTable(source)
			if err != nil {
				return "", err
			}
			made[source] = table
		}
		return made[source], nil
	}
	for _, name := range tableDocuments {
		document := read(t, name)
		tables, err := findTables(document)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		digits := 0
		for _, table := range tables {
			for i := table.start; i < table.end; i++ {
				if document[i] < '0' || document[i] > '9' {
					continue
				}
				digits++
				changed := []byte(document)
				changed[i] = '0' + (document[i]-'0'+1)%10
				if got, err := withTables(string(changed), remembered); err == nil && got == string(changed) {
					t.Errorf("%s: the digit at %d can change unnoticed: …%s…", name, i, document[max(table.start, i-20):min(table.end, i+20)])
				}
			}
		}
		if digits < 50 {
			t.Errorf("%s has %d digits of results, want a table at least", name, digits)
		}
	}
}

// TestTablesNeedMarker checks the errors for a row of results outside a marked table, a
// marker without a table, and an unknown kind.
func TestTablesNeedMarker(t *testing.T) {
	for document, want := range map[string]string{
		"text\n\n| bn | 65.1 ± 7.4 |\n":                    "line 3: a row of results without a marker",
		"<!-- table: runs digits -->\n\ntext\n":            "line 3: want the table of the marker above",
		"<!-- table: runs digits -->\n":                    "no table follows the last marker",
		"<!-- table: nope digits -->\n\n| a |\n":           `unknown kind of table "nope"`,
		"<!-- table: runs nope -->\n\n| a |\n":             "nope",
		"<!-- table: ablation digits: nope -->\n\n| a |\n": "digits",
	} {
		if _, err := withTables(document, makeTable); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", document, err, want)
		}
	}
}

// tableMarker stands above a table of results and says what makes it:
//
//	<!-- table: KIND FOLDER -->    or    <!-- table: KIND FOLDER: PART -->
var tableMarker = regexp.MustCompile(`^<!-- table: (\S+) ([^\s:]+)(?:: (.+))? -->\n$`)

// tableSource says what makes a table; see makeTable.
type tableSource struct{ kind, folder, part string }

// markedTable is a table of a document, its rows from byte start to end.
type markedTable struct {
	source     tableSource
	start, end int
}

// resultRow is a table's row with a decimal number.
var resultRow = regexp.MustCompile(`^\|.*\d\.\d`)

// findTables finds the tables of results, which may stand in a code block. A row
// of results that is in no marked table is an error.
func findTables(document string) ([]markedTable, error) {
	var tables []markedTable
	var open *markedTable // the marker's table, from the marker to the last row
	number, offset := 0, 0
	for line := range strings.Lines(document) {
		number++
		marker, row := tableMarker.FindStringSubmatch(line), strings.HasPrefix(line, "|")
		switch {
		case open != nil && row:
			if open.end == 0 {
				open.start = offset
			}
			open.end = offset + len(line)
		case open != nil && open.end > 0: // the table has ended
			tables, open = append(tables, *open), nil
		case open != nil && line != "\n" && !strings.HasPrefix(line, "```"):
			return nil, fmt.Errorf("line %d: want the table of the marker above", number)
		case resultRow.MatchString(line):
			return nil, fmt.Errorf("line %d: a row of results without a marker", number)
		}
		if marker != nil {
			open = &markedTable{source: tableSource{marker[1], marker[2], marker[3]}}
		}
		offset += len(line)
	}
	switch {
	case open != nil && open.end > 0:
		tables = append(tables, *open)
	case open != nil:
		return nil, fmt.Errorf("line %d: no table follows the last marker", number)
	}
	return tables, nil
}

// withTables returns the document with the rows of each marked table as produce
// makes them.
func withTables(document string, produce func(tableSource) (string, error)) (string, error) {
	tables, err := findTables(document)
	if err != nil {
		return "", err
	}
	for _, table := range slices.Backward(tables) {
		rows, err := produce(table.source)
		if err != nil {
			return "", fmt.Errorf("table %v: %w", table.source, err)
		}
		document = document[:table.start] + rows + document[table.end:]
	}
	return document, nil
}

// makeTable makes a table of a folder of recorded results:
//
//	runs      what rn demo prints; PART "seed 0" takes the runs of that seed alone
//	compare   what rn compare prints
//	ablation  target accuracies of rn ablate table; PART names one of several
//	sources   code, backend and day of each folder's runs; the folder is "all"
func makeTable(source tableSource) (string, error) {
	if source.kind == "sources" {
		return sourcesTable()
	}
	results, err := record.Read(filepath.Join(resultsDir, source.folder))
	if err != nil {
		return "", err
	}
	var table bytes.Buffer
	switch source.kind {
	case "runs":
		if source.part != "" {
			results = slices.DeleteFunc(results, func(r record.Result) bool { return fmt.Sprintf("seed %d", r.Seed) != source.part })
		}
		err = writeTable(&table, ablations.Groups(results))
	case "compare":
		err = writeComparison(&table, ablations.Groups(results), record.Choices()[0])
	case "ablation":
		return ablationTable(source.folder, source.part)
	default:
		return "", fmt.Errorf("unknown kind of table %q", source.kind)
	}
	return table.String(), err
}

// ablationTable is the table of target accuracies that rn ablate prints for a
// folder under a title that holds part.
func ablationTable(folder, part string) (string, error) {
	code, text, stderr := call("ablate", "table", "--out", filepath.Join(resultsDir, folder), "--format", "markdown")
	if code != 0 {
		return "", fmt.Errorf("rn ablate table: %s", stderr)
	}
	title := ""
	for block := range strings.SplitSeq(text, "\n\n") {
		if !strings.HasPrefix(block, "|") {
			title = block
			continue
		}
		if strings.Contains(title, part) && strings.Contains(title, "target accuracy") {
			return strings.TrimSuffix(block, "\n") + "\n", nil
		}
	}
	return "", fmt.Errorf("rn ablate table of %s has no table %q:\n%s", folder, part, text)
}

// sourcesTable says of each folder of recorded runs what computed them.
func sourcesTable() (string, error) {
	files, err := filepath.Glob(filepath.Join(resultsDir, "*", record.ResultsFile))
	if err != nil || len(files) == 0 {
		return "", fmt.Errorf("%d folders of results in %s: %w", len(files), resultsDir, err)
	}
	table := "| folder | runs | code | XLA plugin | day |\n|---|---|---|---|---|\n"
	for _, file := range files {
		folder := filepath.Dir(file)
		results, err := record.Read(folder)
		if err != nil {
			return "", err
		}
		first := results[0]
		for _, r := range results {
			if r.GitCommit != first.GitCommit || r.Platform != first.Platform {
				return "", fmt.Errorf("%s: runs of several versions or backends", folder)
			}
		}
		commit, dirty, _ := strings.Cut(first.GitCommit, "-")
		if dirty != "" {
			dirty = ", with uncommitted changes"
		}
		table += fmt.Sprintf("| [%[1]s](%[1]s/%[2]s) | %[3]d | `%.7[4]s`%[5]s | %[6]s %[7]s | %[8]s |\n", filepath.Base(folder), record.ResultsFile,
			len(results), commit, dirty, first.Platform.Plugin, first.Platform.PluginVersion, first.Time.Format("2006-01-02"))
	}
	return table, nil
}

// read returns a document's text.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// firstDifference shows the first line that differs.
func firstDifference(have, want string) string {
	h, w := strings.Split(have, "\n"), strings.Split(want, "\n")
	for i := range min(len(h), len(w)) {
		if h[i] != w[i] {
			return fmt.Sprintf("line %d is\n%s\nwant\n%s", i+1, h[i], w[i])
		}
	}
	return fmt.Sprintf("it has %d lines, want %d", len(h), len(w))
}

// commandDocuments are the documents that tell readers what to type.
var commandDocuments = []string{
	"../../README.md", "../../CONTRIBUTING.md", resultsDir + "/README.md", resultsDir + "/growth/README.md", resultsDir + "/h100/README.md",
	resultsDir + "/h200/README.md", "../../experiments/bench/README.md", "../../docker/gonb-cuda/README.md",
}

// TestDocumentedCommands checks that every rn command line in the documents names a
// command and flags that rn has.
func TestDocumentedCommands(t *testing.T) {
	for _, name := range commandDocuments {
		commands := documentedCommands(read(t, name))
		if len(commands) == 0 {
			t.Errorf("%s has no rn command", name)
		}
		for _, line := range commands {
			if err := parses(strings.Fields(line)[1:]); err != nil {
				t.Errorf("%s: %s: %v", name, line, err)
			}
		}
	}
	if err := parses([]string{"train", "--no-such-flag"}); err == nil {
		t.Error("an unknown flag is accepted")
	}
	if err := parses([]string{"no-such-command"}); err == nil {
		t.Error("an unknown command is accepted")
	}
}

// codeSpan is `code` within a line.
var codeSpan = regexp.MustCompile("`([^`]+)`")

// commandIn returns the rn command line in a line of text, without a prompt, the
// program's folder, comments, redirections and pipes. It is empty if there is none.
func commandIn(line string) string {
	for _, end := range []string{" #", " >", " |"} {
		line, _, _ = strings.Cut(line, end)
	}
	line = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), "$ "), "build/bin/")
	if !strings.HasPrefix(line, "rn ") {
		return ""
	}
	return line
}

// documentedCommands returns the rn command lines of a document, in code blocks and in
// the text.
func documentedCommands(document string) []string {
	document = strings.ReplaceAll(document, "\\\n", " ")
	var commands []string
	keep := func(text string) {
		if command := commandIn(text); command != "" {
			commands = append(commands, command)
		}
	}
	block := false
	for line := range strings.Lines(document) {
		switch {
		case strings.HasPrefix(line, "```"):
			block = !block
		case block || strings.HasPrefix(line, "    "):
			keep(line)
		default:
			for _, span := range codeSpan.FindAllStringSubmatch(line, -1) {
				keep(span[1])
			}
		}
	}
	return commands
}

// parses finds the command and parses its flags, without running it.
func parses(args []string) error {
	_, err := parsed(args)
	return err
}

// parsed returns the command of a command line, with its flags parsed.
func parsed(args []string) (*cobra.Command, error) {
	root := newRoot()
	cmd, rest, err := root.Find(args)
	if err != nil {
		return nil, err
	}
	if cmd == root {
		return nil, fmt.Errorf("unknown command %q", args)
	}
	root.InitDefaultVersionFlag()
	cmd.InitDefaultHelpFlag()
	return cmd, cmd.ParseFlags(rest)
}
