package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
)

// TestReadmeTable: the README's table is what the command makes of the recorded
// results.
func TestReadmeTable(t *testing.T) {
	results, err := experiments.ReadResults("../../experiments/results/digits")
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := writeTable(&table, ablations.Groups(results)); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), table.String()) {
		t.Errorf("the README does not have this table:\n%s", table.String())
	}
}
