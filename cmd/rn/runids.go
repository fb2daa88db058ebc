package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/record"
)

// fullRunID returns the id of the run in an output folder that begins with a prefix.
// It returns a prefix of no run as it is, for the command to refuse. The error lists
// the candidates of a prefix of several runs.
func fullRunID(out, prefix string) (string, error) {
	matching := make(map[string]bool)
	for _, id := range storedRuns(out) {
		if id == prefix {
			return id, nil
		}
		if prefix != "" && strings.HasPrefix(id, prefix) {
			matching[id] = true
		}
	}
	var ids []string
	for id := range matching {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	switch len(ids) {
	case 0:
		return prefix, nil
	case 1:
		return ids[0], nil
	default:
		return "", usageError{fmt.Errorf("--run %s: %d runs in %s begin with it: %s", prefix, len(ids), out, strings.Join(ids, ", "))}
	}
}

// fullRunIDs returns the ids for several prefixes.
func fullRunIDs(out string, prefixes []string) ([]string, error) {
	ids := make([]string, len(prefixes))
	for i, prefix := range prefixes {
		var err error
		if ids[i], err = fullRunID(out, prefix); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// storedRuns lists the ids of the runs that an output folder has networks or results
// of.
func storedRuns(out string) (ids []string) {
	folders, _ := os.ReadDir(filepath.Join(out, "runs")) // without networks there may be results
	for _, f := range folders {
		ids = append(ids, f.Name())
	}
	results, _ := record.Read(out) // lines that cannot be read are not results
	for _, r := range results {
		ids = append(ids, r.ID)
	}
	return ids
}
