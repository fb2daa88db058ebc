//go:build linux && cgo

package forward

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestHeader: a C compiler gives the structs of pjrt.h the same layout as the structs of the original, which go-xla copies.
func TestHeader(t *testing.T) {
	run := func(name string, args ...string) string {
		t.Helper()
		out, err := exec.Command(name, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	cc := strings.Fields(run("go", "env", "CC"))
	if _, err := exec.LookPath(cc[0]); err != nil {
		t.Skipf("no C compiler: %v", err)
	}
	source := "#include <stdio.h>\n#include \"" + "HEADER" + "\"\nint main(void) {\n"
	for name, fields := range structs(t) {
		for _, field := range fields {
			source += `printf("` + name + "." + field + ` %zu %zu\n", offsetof(` + name + ", " + field + "), sizeof(((" + name + "*)0)->" + field + "));\n"
		}
		if name != "PJRT_Api" { // pjrt.h cuts it after the last function that is used.
			source += `printf("` + name + ` %zu\n", sizeof(` + name + "));\n"
		}
	}
	source += "printf(\"major %d\\n\", PJRT_API_MAJOR);}\n"
	layout := func(header string) string {
		dir := t.TempDir()
		path := filepath.Join(dir, "layout.c")
		if err := os.WriteFile(path, []byte(strings.Replace(source, "HEADER", header, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		run(cc[0], append(cc[1:], "-o", filepath.Join(dir, "layout"), path)...)
		return run(filepath.Join(dir, "layout"))
	}
	ours, err := filepath.Abs("pjrt.h")
	if err != nil {
		t.Fatal(err)
	}
	theirs := filepath.Join(run("go", "list", "-m", "-f", "{{.Dir}}", "github.com/gomlx/go-xla"), "pjrt", "pjrt_c_api.h")
	if got, want := layout(ours), layout(theirs); got != want || strings.Count(got, "\n") < 100 {
		t.Errorf("layout is\n%s\nwant\n%s", got, want)
	}
}

// structs returns the names of the fields of each struct in pjrt.h.
func structs(t *testing.T) map[string][]string {
	t.Helper()
	data, err := os.ReadFile("pjrt.h")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	var fields []string
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "//")
		line = strings.TrimSpace(line)
		switch {
		case line == "typedef struct {":
			fields = nil
		case strings.HasPrefix(line, "} "):
			found[strings.TrimSuffix(line[2:], ";")] = fields
		case strings.HasSuffix(line, ";"):
			name := line
			if _, pointer, function := strings.Cut(line, "(*"); function {
				name, _, _ = strings.Cut(pointer, ")")
			}
			fields = append(fields, strings.Trim(name[strings.LastIndexAny(name, " *")+1:], ";"))
		}
	}
	return found
}
