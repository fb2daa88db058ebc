package experiments

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// module is the path of this module.
const module = "github.com/reciprocalnorm/rn"

// level is a group of packages. Packages import packages of their own level and of
// lower ones.
type level struct {
	// packages are paths below the module; "x/..." is x and every package below it.
	packages []string
	// alone forbids imports of other levels, lower ones too.
	alone bool
}

// levels are the module's packages from the lowest level up.
var levels = []level{
	{packages: []string{"rnlayer/..."}, alone: true},
	{packages: []string{"plots/..."}, alone: true},
	{packages: []string{"experiments/atomicfile", "experiments/checksum"}},
	{packages: []string{"experiments/fetch", "experiments/registry", "experiments/problems", "experiments/internal/bounded", "experiments/internal/drawn", "experiments/internal/errortest"}},
	{packages: []string{"experiments/verify/golden/..."}},
	{packages: []string{"experiments/xla/..."}},
	{packages: []string{"experiments/data/..."}},
	{packages: []string{"experiments/network/..."}},
	{packages: []string{"experiments/objective", "experiments/sgd", "experiments/training/checkpoint", "experiments/training/dataparallel"}},
	{packages: []string{"experiments/config", "experiments/score"}},
	{packages: []string{"experiments/record"}},
	{packages: []string{"experiments/environment"}},
	{packages: []string{"experiments/input", "experiments/internal/toydata"}},
	{packages: []string{"experiments/training"}},
	{packages: []string{"experiments/export"}},
	{packages: []string{"experiments/lower", "experiments/bench", "experiments/verify/parity", "experiments/verify/torture"}},
	{packages: []string{"experiments", "experiments/internal/toyrun"}},
	{packages: []string{"experiments/runs"}},
	{packages: []string{"ablations"}},
	{packages: []string{"experiments/study/..."}},
	{packages: []string{"cmd/rn"}},
	{packages: []string{".", "notebooks"}}, // documents and their tests
}

// testHelpers are the packages that tests of every level may import, and that only
// tests import.
var testHelpers = []string{"experiments/internal/bounded", "experiments/internal/drawn", "experiments/internal/errortest", "experiments/internal/toydata", "experiments/internal/toyrun"}

// testImports are the other imports that tests may make against the levels, by the
// importing package.
var testImports = map[string][]string{
	"rnlayer/internal/oracle": {"experiments/verify/golden"}, // the reference values that the oracle must reproduce
}

// goPackage is what `go list -json` says of a package.
type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// TestImports: no package of the module imports a package of a higher level.
func TestImports(t *testing.T) {
	list := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	list.Dir = ".." // the module's root
	out, err := list.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	var packages []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) < 20 {
		t.Fatalf("go list names %d packages", len(packages))
	}
	for _, problem := range checkImports(levels, packages) {
		t.Error(problem)
	}
}

// checkImports says which packages are in no level or in several, which patterns
// match no package, and which imports the levels forbid.
func checkImports(levels []level, packages []goPackage) (problems []string) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	levelOf := make(map[string]int)
	used := make(map[string]bool)
	for _, p := range packages {
		path := below(p.ImportPath)
		var found []int
		for i, l := range levels {
			for _, pattern := range l.packages {
				if matches(pattern, path) {
					found = append(found, i)
					used[pattern] = true
				}
			}
		}
		switch len(found) {
		case 0:
			problem("%s is in no level: add it to levels in experiments/imports_test.go, above everything that it imports", path)
		case 1:
			levelOf[path] = found[0]
		default:
			problem("%s is in levels more than once: levels %v of experiments/imports_test.go", path, found)
		}
	}
	for _, l := range levels {
		for _, pattern := range l.packages {
			if !used[pattern] {
				problem("%s in levels of experiments/imports_test.go matches no package: remove it", pattern)
			}
		}
	}
	for _, p := range packages {
		from := below(p.ImportPath)
		check := func(imports []string, tests bool) {
			for _, imported := range imports {
				if imported != module && !strings.HasPrefix(imported, module+"/") {
					continue
				}
				to := below(imported)
				what := "imports"
				if tests {
					what = "imports in its tests"
					if slices.Contains(testHelpers, to) || slices.Contains(testImports[from], to) {
						continue
					}
				} else if slices.Contains(testHelpers, to) && !slices.Contains(testHelpers, from) {
					problem("%s imports %s, which is for tests alone", from, to)
				}
				a, known := levelOf[from]
				b, knownToo := levelOf[to]
				switch {
				case !known || !knownToo: // reported above
				case b > a:
					problem("%s %s %s, which is on a higher level (levels in experiments/imports_test.go)", from, what, to)
				case b < a && levels[a].alone:
					problem("%s %s %s: its level imports nothing else of the module", from, what, to)
				}
			}
		}
		check(p.Imports, false)
		check(slices.Concat(p.TestImports, p.XTestImports), true)
	}
	return problems
}

// below is the path of a package below the module; "." for the module's root.
func below(importPath string) string {
	if importPath == module {
		return "."
	}
	return strings.TrimPrefix(importPath, module+"/")
}

// matches reports whether a pattern of a level covers a path.
func matches(pattern, path string) bool {
	if root, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == root || strings.HasPrefix(path, root+"/")
	}
	return pattern == path
}

// TestCheckImports: each breach of the levels is reported, and imports of the same
// level and of lower ones are not.
func TestCheckImports(t *testing.T) {
	levels := []level{
		{packages: []string{"base"}, alone: true}, {packages: []string{"library/..."}, alone: true},
		{packages: []string{"experiments/internal/bounded"}}, {packages: []string{"middle"}}, {packages: []string{"top", "."}},
	}
	for name, test := range map[string]struct {
		importer, imported string
		tests              bool
		want               string // empty for an import that is allowed
	}{
		"down":                {"top", "middle", false, ""},
		"within a level":      {"library", "library/internal/x", false, ""},
		"root down":           {".", "middle", false, ""},
		"standard library":    {"base", "strings", false, ""},
		"up":                  {"middle", "top", false, "middle imports top, which is on a higher level"},
		"up to the root":      {"middle", ".", false, "middle imports ., which is on a higher level"},
		"up in tests":         {"middle", "top", true, "middle imports in its tests top"},
		"helper in tests":     {"base", "experiments/internal/bounded", true, ""},
		"helper in code":      {"middle", "experiments/internal/bounded", false, "which is for tests alone"},
		"alone":               {"library", "base", false, "library imports base: its level imports nothing else"},
		"alone in tests":      {"library/internal/x", "base", true, "library/internal/x imports in its tests base"},
		"unknown package":     {"libraryother", "base", false, "libraryother is in no level"},
		"package added later": {"library/new", "library", false, ""},
	} {
		full := func(path string) string {
			switch path {
			case ".":
				return module
			case "strings":
				return path
			}
			return module + "/" + path
		}
		packages := []goPackage{
			{ImportPath: full("base")}, {ImportPath: full("library")}, {ImportPath: full("library/internal/x")}, {ImportPath: full("experiments/internal/bounded")},
			{ImportPath: full("middle")}, {ImportPath: full("top")}, {ImportPath: full(".")},
		}
		at := slices.IndexFunc(packages, func(p goPackage) bool { return p.ImportPath == full(test.importer) })
		if at < 0 {
			packages, at = append(packages, goPackage{ImportPath: full(test.importer)}), len(packages)
		}
		if test.tests {
			packages[at].XTestImports = []string{full(test.imported)}
		} else {
			packages[at].Imports = []string{full(test.imported)}
		}
		problems := checkImports(levels, packages)
		if test.want == "" && len(problems) > 0 || test.want != "" && (len(problems) != 1 || !strings.Contains(problems[0], test.want)) {
			t.Errorf("%s: problems %q, want %q", name, problems, test.want)
		}
	}
	twice := []level{{packages: []string{"a"}}, {packages: []string{"a/...", "gone"}}}
	problems := strings.Join(checkImports(twice, []goPackage{{ImportPath: module + "/a"}}), "\n")
	for _, want := range []string{"a is in levels more than once", "gone in levels of experiments/imports_test.go matches no package"} {
		if !strings.Contains(problems, want) {
			t.Errorf("problems %q, want %q", problems, want)
		}
	}
}
