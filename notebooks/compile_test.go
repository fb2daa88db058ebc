package notebooks_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCommittedNotebooksCompile compiles the cells of each notebook with the packages of this repository. It needs
// no notebook tools, so a change of these packages that breaks a cell fails everywhere.
func TestCommittedNotebooksCompile(t *testing.T) {
	readModule(t)
	paths, err := filepath.Glob("*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			if out, err := compile(t, readNotebook(t, path)); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// TestCompile checks that compile finds an error in any cell, and resolves names across cells.
func TestCompile(t *testing.T) {
	for want, sources := range map[string][]string{
		"":                    {"%noautoget\nimport \"fmt\"\n", "func f() int { return 1 }\n%%\nfmt.Println(f())", "%%\nfmt.Println(f())"},
		"undefined: g":        {"%noautoget\nfunc f() int { return g() }"},
		"undefined: h":        {"%noautoget", "%%\nh()", "%%\nprintln()"},
		`"os" imported and`:   {"%noautoget\nimport (\n\t\"os\"\n)"},
		"undefined: rnlayer.": {"%noautoget\nimport \"github.com/reciprocalnorm/rn/rnlayer\"\n%%\nrnlayer.Nothing()"},
	} {
		t.Run(want, func(t *testing.T) {
			var nb notebook
			for _, source := range sources {
				nb.Cells = append(nb.Cells, cell{Type: "code", Source: multiline(source)})
			}
			out, err := compile(t, nb)
			if (err == nil) != (want == "") || !strings.Contains(out, want) {
				t.Errorf("%v, output %q, want %q in it", err, out, want)
			}
		})
	}
}

// compile type-checks the cells as one program and returns the compiler's messages.
func compile(t *testing.T, nb notebook) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(program(nb)), 0o644); err != nil {
		t.Fatal(err)
	}
	// GoMLX's Scope.In takes a format, for which vet wants a constant; cells name layers by variables.
	out, err := exec.Command("go", "vet", "-printf=false", file).CombinedOutput()
	return string(out), err
}

var importDeclaration = regexp.MustCompile(`(?m)^import (?:\((?s:.*?)^\)|".*")$`)

// program joins the cells of a notebook: their declarations, and a function for the statements of each cell, which
// follow the line %%. GoNB compiles a cell with the declarations of the cells before it.
func program(nb notebook) string {
	var imports, rest strings.Builder
	for i, c := range nb.Cells {
		if c.Type != "code" {
			continue
		}
		source := strings.TrimPrefix(string(c.Source), "%noautoget")
		source = importDeclaration.ReplaceAllStringFunc(source, func(declaration string) string {
			imports.WriteString(declaration + "\n")
			return ""
		})
		declarations, statements, _ := strings.Cut("\n"+source+"\n", "\n%%\n")
		fmt.Fprintf(&rest, "%s\nfunc cell%d() {\n%s\n}\n", declarations, i, statements)
	}
	return "package main\n\n" + imports.String() + rest.String() + "\nfunc main() {}\n"
}

// readModule opens the folders of the module, so that go test reruns the test after a change of their files.
func readModule(t *testing.T) {
	t.Helper()
	for _, folder := range []string{"../ablations", "../experiments", "../plots", "../rnlayer"} {
		if err := filepath.WalkDir(folder, func(_ string, _ fs.DirEntry, err error) error { return err }); err != nil {
			t.Fatal(err)
		}
	}
}
