package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// TestReadmeTables: the README's tables are what the commands make of the
// recorded results.
func TestReadmeTables(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	comparison := func(w io.Writer, groups []ablations.Group) error {
		return writeComparison(w, groups, record.Choices()[0])
	}
	for name, write := range map[string]func(io.Writer, []ablations.Group) error{
		"digits": writeTable, "digits-bfloat16": writeTable, "digits-h100": comparison, "office-caltech10": comparison, "office-caltech10-finetuned": writeTable,
	} {
		results, err := record.Read("../../experiments/results/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var table bytes.Buffer
		if err := write(&table, ablations.Groups(results)); err != nil {
			t.Fatal(err)
		}
		requireIn(t, string(readme), name, table.String())
	}
	code, markdown, stderr := call("ablate", "table", "--out", "../../experiments/results/digits-components", "--format", "markdown")
	if code != 0 {
		t.Fatal(stderr)
	}
	accuracy, _, _ := strings.Cut(markdown, "\n\ncomponents on digits") // the next table is of the recall
	_, rows, _ := strings.Cut(accuracy, "\n\n")
	requireIn(t, string(readme), "digits-components", rows)
}

// requireIn requires a table in the README.
func requireIn(t *testing.T, readme, name, table string) {
	t.Helper()
	if table == "" || !strings.Contains(readme, table) {
		t.Errorf("the README does not have the table of %s:\n%s", name, table)
	}
}
