package notebooks_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzCheckNotebook checks that notebooks of any content are examined, and that one in
// another format than nbformat 4 has a problem.
func FuzzCheckNotebook(f *testing.F) {
	paths, err := filepath.Glob("*.ipynb")
	if err != nil || len(paths) == 0 {
		f.Fatalf("%d notebooks, %v", len(paths), err)
	}
	const most = 64 << 10 // larger seeds slow the fuzzer down
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) <= most {
			f.Add(data)
		}
	}
	f.Add([]byte(`{"nbformat":4,"nbformat_minor":5,"metadata":{"kernelspec":{"name":"gonb","language":"go"}},"cells":[{"id":"a","cell_type":"code","source":["%noautoget\n","x"],"outputs":[{"output_type":"error","evalue":"e"}]}]}`))
	f.Add([]byte(`{"cells":[null,{"source":3}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		problems := checkNotebook(data)
		if len(problems) == 0 && !strings.Contains(string(data), "nbformat") {
			t.Errorf("no problem in %q", data)
		}
	})
}
