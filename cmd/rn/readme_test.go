package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
)

// TestReadmeTables: the README's tables are what the commands make of the
// recorded results.
func TestReadmeTables(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(io.Writer, []ablations.Group) error{
		"digits": writeTable, "office-caltech10": writeComparison, "office-caltech10-finetuned": writeTable,
	} {
		results, err := experiments.ReadResults("../../experiments/results/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var table bytes.Buffer
		if err := write(&table, ablations.Groups(results)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(readme), table.String()) {
			t.Errorf("the README does not have the table of %s:\n%s", name, table.String())
		}
	}
}
