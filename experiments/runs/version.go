package runs

import (
	"fmt"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/record"
)

// VersionNote names the versions of the code that made results, other than the
// current one, in a line for below a table. It is empty if there are none.
func VersionNote(results []record.Result, current string) string {
	counts := make(map[string]int)
	var order []string
	for _, r := range results {
		if r.GitCommit == current {
			continue
		}
		if counts[r.GitCommit] == 0 {
			order = append(order, r.GitCommit)
		}
		counts[r.GitCommit]++
	}
	if len(order) == 0 {
		return ""
	}
	for i, version := range order {
		order[i] = fmt.Sprintf("%d of %d runs by code %s", counts[version], len(results), record.ShortVersion(version))
	}
	return fmt.Sprintf("Made by another version of the code than %s: %s.", record.ShortVersion(current), strings.Join(order, ", "))
}
