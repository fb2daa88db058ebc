package ablations

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/record"
)

// FuzzRead checks that records of any content are read or named in the error, and that
// what is done with records does not panic.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"suite":"components","variant":"rn","base":{"recipe":"digits"},"id":"0123456789ab"}`))
	f.Add([]byte("null\n[]\n{}\n"))
	f.Add([]byte(`{"suite":"components","base":null,"points":[{"step":1}],"git_commit":"a"}` + "\n" + `{"half":`))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, record.ResultsFile), data, 0o644); err != nil {
			t.Fatal(err)
		}
		records, err := Read(dir)
		lines := 0
		for line := range strings.SplitSeq(string(data), "\n") {
			if strings.TrimSpace(line) != "" {
				lines++
			}
		}
		if err == nil && len(records) != lines {
			t.Errorf("%d records of %d lines, without an error", len(records), lines)
		}
		for _, r := range records {
			if r.Where == "" {
				t.Error("a record does not know where it is from")
			}
			_ = withoutSeed(r.Config)
		}
		merged, err := Merge(records)
		if err == nil && len(merged) > len(records) {
			t.Errorf("%d records are merged into %d", len(records), len(merged))
		}
		_, _ = OneVersion(records, "")
		_ = AnyVersion(records)
	})
}
