// Package rn_test checks the documents of the repository's root: that their code
// compiles and runs, their links and folders exist, and their commands are known.
package rn_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestReadmeIsShort: the README is a front door; measurements and details live
// beside the code they are of.
func TestReadmeIsShort(t *testing.T) {
	readme := read(t, "README.md")
	if lines, words := strings.Count(readme, "\n"), len(strings.Fields(readme)); lines > 150 || words > 1500 {
		t.Errorf("README.md has %d lines and %d words, want at most 150 and 1500", lines, words)
	}
}

// TestReadmeExample: the README's Go code is code of Example, which compiles and
// runs.
func TestReadmeExample(t *testing.T) {
	example := read(t, "example_test.go")
	var blocks []codeBlock
	for _, b := range codeBlocks(t, "README.md") {
		if b.language == "go" {
			blocks = append(blocks, b)
		}
	}
	if len(blocks) != 1 {
		t.Fatalf("README.md has %d blocks of Go, want 1", len(blocks))
	}
	if !strings.Contains(example, "\n"+blocks[0].text) {
		t.Errorf("example_test.go does not have the README's code:\n%s", blocks[0].text)
	}
}

// TestContributing puts the files and lines that CONTRIBUTING.md shows into the
// tree, as an overlay: they pass go vet and the tests over the registries, and
// rn list names each.
func TestContributing(t *testing.T) {
	dir, replace := t.TempDir(), make(map[string]string)
	write := func(name, text string) {
		file := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		absolute, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		replace[absolute] = file
	}
	var names, packages []string
	named := regexp.MustCompile(`(?m)(?:Name:\s+|^\+\s*\{)"([a-z-]+)",`)
	for _, b := range codeBlocks(t, "CONTRIBUTING.md") {
		switch b.language {
		case "go":
			if _, err := os.Stat(b.file); err == nil {
				t.Errorf("%s of CONTRIBUTING.md exists already", b.file)
			}
			write(b.file, b.text)
			packages = append(packages, "./"+path.Dir(b.file))
		case "diff":
			text, ok := patched(read(t, b.file), b.text)
			if !ok {
				t.Fatalf("the old lines of this diff do not occur exactly once in %s:\n%s", b.file, b.text)
			}
			write(b.file, text)
		default:
			continue
		}
		for _, name := range named.FindAllStringSubmatch(b.text, -1) {
			names = append(names, name[1])
		}
	}
	if want := []string{"halfway", "max-square", "epsilon", "seconds"}; !slices.Equal(names, want) {
		t.Fatalf("CONTRIBUTING.md adds %q, want %q", names, want)
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, text, 0o644); err != nil {
		t.Fatal(err)
	}
	formatted(t, dir)
	run(t, append([]string{"vet", "-overlay", overlay}, packages...)...)
	list := run(t, "run", "-overlay", overlay, "./cmd/rn", "list")
	for _, name := range names {
		if !strings.Contains(list, "\n  "+name+" ") {
			t.Errorf("rn list does not name %s:\n%s", name, list)
		}
	}
	run(t, "test", "-overlay", overlay, "-run", "Peers|Lookup|Shards|Affine|Registr", "./rnlayer", "./experiments/objective", "./ablations")
	run(t, "run", "-overlay", overlay, "./cmd/rn", "ablate", "list", "epsilon")
	bars := filepath.Join(dir, "seconds.svg")
	run(t, "run", "-overlay", overlay, "./cmd/rn", "plot", "seconds", "--out", "experiments/results/digits", "--file", bars)
	if svg := read(t, bars); !strings.Contains(svg, "seconds per run") {
		t.Error("the figure of seconds does not name its axis")
	}
}

// formatted requires that the Go files of a folder are formatted.
func formatted(t *testing.T, dir string) {
	t.Helper()
	files, err := exec.Command("gofmt", "-l", dir).Output()
	if err != nil || len(files) > 0 {
		t.Errorf("not formatted: %s %v", files, err)
	}
}

// run runs the go tool and returns its output.
func run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("go", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// patched applies a diff without line numbers, whose old lines must occur exactly
// once.
func patched(text, diff string) (result string, ok bool) {
	before, after := "\n", "\n"
	for line := range strings.Lines(diff) {
		if line[0] != '+' {
			before += line[1:]
		}
		if line[0] != '-' {
			after += line[1:]
		}
	}
	return strings.Replace(text, before, after, 1), strings.Count(text, before) == 1
}

// TestFolderMap: the README's map has a row for every folder with Go code, and
// every folder of the map exists.
func TestFolderMap(t *testing.T) {
	_, section, _ := strings.Cut(read(t, "README.md"), "\n## Folders\n")
	section, _, _ = strings.Cut(section, "\n## ")
	folders := make(map[string]bool)
	for line := range strings.Lines(section) {
		cell, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		parent := ""
		for i, span := range code.FindAllStringSubmatch(cell, -1) {
			folder := strings.TrimSuffix(span[1], "/")
			if i == 0 {
				parent = path.Dir(folder)
			} else {
				folder = path.Join(parent, folder) // beside the row's first
			}
			folders[folder] = true
		}
	}
	if len(folders) < 10 {
		t.Fatalf("the README's map has %d folders", len(folders))
	}
	for folder := range folders {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			t.Errorf("%s/ of the README's map does not exist", folder)
		}
	}
	for _, file := range tracked(t, ".go") {
		folder := path.Dir(file)
		for ; folder != "." && !folders[folder]; folder = path.Dir(folder) {
		}
		if folder == "experiments" && path.Dir(file) != "experiments" || folder == "." && path.Dir(file) != "." {
			t.Errorf("the README's map does not have the folder of %s", file)
		}
	}
}

// TestLinks: relative links of all documents lead to files, and to headings that
// exist.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	links := 0
	for _, file := range tracked(t, ".md") {
		for _, match := range link.FindAllStringSubmatch(read(t, file), -1) {
			target, heading, _ := strings.Cut(match[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			links++
			to := file
			if target != "" {
				to = path.Join(path.Dir(file), target)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s links to %s, which does not exist", file, match[1])
			} else if heading != "" && !slices.Contains(headings(read(t, to)), heading) {
				t.Errorf("%s links to %s, and %s has no such heading", file, match[1], to)
			}
		}
	}
	if links < 10 {
		t.Errorf("%d links in all documents", links)
	}
}

// headings returns the anchors that GitHub gives a document's headings.
func headings(document string) []string {
	var anchors []string
	for line := range strings.Lines(document) {
		title := strings.TrimLeft(line, "#")
		if title == line || !strings.HasPrefix(title, " ") {
			continue
		}
		anchors = append(anchors, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(title)))
	}
	return anchors
}

// TestMakeTargets: the Makefile has every target that a document names.
func TestMakeTargets(t *testing.T) {
	makefile := read(t, "Makefile")
	target := regexp.MustCompile("(?m)(?:^|`|=\\S* )make ([a-z-]+)")
	found := 0
	for _, file := range tracked(t, ".md") {
		for _, match := range target.FindAllStringSubmatch(read(t, file), -1) {
			found++
			if !strings.Contains(makefile, "\n"+match[1]+":") {
				t.Errorf("%s names make %s, which is no target", file, match[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("%d targets in all documents", found)
	}
}

// TestAutomation: the workflow's actions are pinned by commit and its Go version
// is go.mod's; the dev container's description is JSON and names files that
// exist; issue forms ask for rn doctor.
func TestAutomation(t *testing.T) {
	workflow := read(t, ".github/workflows/ci.yml")
	uses := regexp.MustCompile(`uses: (\S+)`).FindAllStringSubmatch(workflow, -1)
	pinned := regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40}$`)
	for _, action := range uses {
		if !pinned.MatchString(action[1]) {
			t.Errorf("the action %s is not pinned by commit", action[1])
		}
	}
	for _, want := range []string{"run: .ci/run", "go-version-file: go.mod", "contents: read"} {
		if !strings.Contains(workflow, want) {
			t.Errorf("the workflow lacks %q", want)
		}
	}
	var container struct {
		Build             struct{ Dockerfile, Context string }
		PostCreateCommand string
	}
	d := json.NewDecoder(bytes.NewReader([]byte(read(t, ".devcontainer/devcontainer.json"))))
	if err := d.Decode(&container); err != nil || len(uses) == 0 {
		t.Fatalf("%d actions; devcontainer.json: %v", len(uses), err)
	}
	dockerfile := read(t, path.Join(".devcontainer", container.Build.Dockerfile))
	copied := regexp.MustCompile(`(?m)^COPY (.+) \S+$`).FindStringSubmatch(dockerfile)
	if copied == nil || container.PostCreateCommand != "make setup" {
		t.Fatalf("the dev container copies nothing, or runs %q", container.PostCreateCommand)
	}
	for file := range strings.FieldsSeq(copied[1]) {
		if _, err := os.Stat(path.Join(".devcontainer", container.Build.Context, file)); err != nil {
			t.Error(err)
		}
	}
	for _, form := range []string{"bug.yml", "numbers.yml"} {
		if !strings.Contains(read(t, ".github/ISSUE_TEMPLATE/"+form), "rn doctor --json") {
			t.Errorf("%s does not ask for rn doctor --json", form)
		}
	}
}

// code is `code` within a line.
var code = regexp.MustCompile("`([^`]+)`")

// codeBlock is a fenced block of a document. Its file is the `code` that the line
// above it ends with, before a colon.
type codeBlock struct{ language, file, text string }

// fileAbove matches a line that names the file of the block below it.
var fileAbove = regexp.MustCompile("`([^`]+)`:\n$")

// codeBlocks returns the fenced blocks of a document.
func codeBlocks(t *testing.T, name string) []codeBlock {
	t.Helper()
	var blocks []codeBlock
	var open *codeBlock
	above := "" // the last line of text
	for line := range strings.Lines(read(t, name)) {
		language, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			open = &codeBlock{language: strings.TrimSpace(language)}
			if file := fileAbove.FindStringSubmatch(above); file != nil {
				open.file = file[1]
			}
		case fence:
			blocks, open = append(blocks, *open), nil
		case open != nil:
			open.text += line
		case line != "\n":
			above = line
		}
	}
	return blocks
}

// tracked returns the files of the repository with an extension, in folders that
// are neither hidden nor built; hidden folders at the root are .github and
// .devcontainer.
func tracked(t *testing.T, extension string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && name != ".github" && (strings.HasPrefix(entry.Name(), ".") || name == "build" || name == "out"):
			return fs.SkipDir
		case !entry.IsDir() && path.Ext(name) == extension:
			files = append(files, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// read returns a file's text.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
