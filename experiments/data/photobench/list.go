package photobench

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// maxListSize is far beyond VisDA's lists, of 8 MB: a larger file is none.
const maxListSize = 1 << 28

// ReadList reads a list file: on each line the path of a photograph, relative to
// root unless it is absolute, and its label, an integer from 0, as the last
// field. Paths may hold spaces; backslashes stand for slashes where there is no
// file with backslashes in its name. Blank lines are skipped. Every class up to
// the highest label must have a photograph, and no path may come twice. An error
// tells of the first ten things that are wrong, with their lines. Photographs are
// not opened, and need not be there.
//
// Classes are called after the folders that the photographs of each are in, if
// each class has one folder of its own, else "class 0" and so on.
func ReadList(file, root string) (*Photos, error) { return readList(file, root, rules{}) }

// rules are what a benchmark knows of a list.
type rules struct {
	classes  int // 0 is any number
	repeated int // photographs that may come again with another label
}

// readList reads the list file of a benchmark.
func readList(file, root string, known rules) (*Photos, error) {
	content, err := readListFile(file)
	if err != nil {
		return nil, err
	}
	list, err := parseList(file, content, known)
	if err != nil {
		return nil, err
	}
	p := &Photos{Name: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), Root: root, Labels: list.labels}
	p.Classes, p.named = list.classNames()
	p.Paths = make([]string, len(list.paths))
	for i, listed := range list.paths {
		p.Paths[i] = resolve(root, listed)
	}
	return p, nil
}

// readListFile reads a file that may be a list.
func readListFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: is no file: want a list of lines \"path label\"", file)
	}
	if info.Size() > maxListSize {
		return nil, fmt.Errorf("%s: is larger than %d bytes: want a list of lines \"path label\"", file, maxListSize)
	}
	return io.ReadAll(io.LimitReader(f, info.Size()))
}

// resolve is where a listed path is. On systems where a backslash may be part of
// a name, it stands for a slash if there is no such file.
func resolve(root, listed string) string {
	if !filepath.IsAbs(listed) {
		listed = filepath.Join(root, listed)
	}
	if filepath.Separator != '\\' && strings.Contains(listed, `\`) {
		if _, err := os.Stat(listed); err != nil {
			return filepath.Clean(slashed(listed))
		}
	}
	return listed
}

// slashed has slashes for backslashes.
func slashed(path string) string { return strings.ReplaceAll(path, `\`, "/") }

// list is what a list file says.
type list struct {
	paths   []string // as listed
	labels  []int32
	classes int
}

// parseList reads the content of a list file, whose name is for errors. Memory is
// a small multiple of the content's.
func parseList(name string, content []byte, known rules) (list, error) {
	if bytes.IndexByte(content, 0) >= 0 {
		return list{}, fmt.Errorf("%s: holds zero bytes: want UTF-8 text with lines \"path label\"", name)
	}
	text := string(bytes.TrimPrefix(content, []byte("\ufeff")))
	out := list{classes: known.classes}
	type line struct {
		number int
		label  int32
	}
	lines := make(map[string]line) // the first of each path, whatever its spelling
	repeated := 0
	var wrong problems
	number := 0
	for content := range strings.Lines(text) {
		number++
		content = strings.Trim(content, " \t\r\n")
		if content == "" {
			continue
		}
		listed, label, err := parseLine(content, known.classes)
		if err != nil {
			wrong.add("%s:%d: %v", name, number, err)
			continue
		}
		key := path.Clean(slashed(listed))
		if first, ok := lines[key]; !ok {
			lines[key] = line{number, label}
		} else if repeated++; label == first.label || repeated > known.repeated {
			wrong.add("%s:%d: %s is on line %d already", name, number, abbreviated(listed), first.number)
			continue
		}
		out.paths = append(out.paths, listed)
		out.labels = append(out.labels, label)
	}
	if wrong.count == 0 {
		if len(out.paths) == 0 {
			return list{}, fmt.Errorf("%s: no photographs: want lines \"path label\"", name)
		}
		out.countClasses(name, &wrong)
	}
	if err := wrong.err(); err != nil {
		return list{}, err
	}
	return out, nil
}

// parseLine reads a line that is not blank.
func parseLine(line string, classes int) (path string, label int32, err error) {
	cut := strings.LastIndexAny(line, " \t")
	last := line[cut+1:]
	value, err := strconv.ParseInt(last, 10, 64)
	switch {
	case cut < 0 && err == nil:
		return "", 0, fmt.Errorf("label %s has no path: want \"path label\"", abbreviated(last))
	case cut < 0:
		return "", 0, fmt.Errorf("%s has no label: want \"path label\"", abbreviated(line))
	case err != nil:
		return "", 0, fmt.Errorf("label %s is not an integer: want \"path label\"", abbreviated(last))
	case value < 0:
		return "", 0, fmt.Errorf("label %d is negative: labels count from 0", value)
	case classes > 0 && value >= int64(classes):
		return "", 0, fmt.Errorf("label %d of %d classes: want 0 to %d", value, classes, classes-1)
	case value >= math.MaxInt32:
		return "", 0, fmt.Errorf("label %d is too large", value)
	}
	return strings.TrimRight(line[:cut], " \t"), int32(value), nil
}

// abbreviated quotes what a list holds, which may be anything.
func abbreviated(s string) string {
	const most = 120
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return strconv.Quote(s)
}

// countClasses sets the number of classes if it is not known, and notes those
// that have no photographs. Nothing is allocated by the size of a label.
func (l *list) countClasses(name string, wrong *problems) {
	seen := slices.Clone(l.labels)
	slices.Sort(seen)
	seen = slices.Compact(seen)
	if l.classes == 0 {
		l.classes = int(seen[len(seen)-1]) + 1
	}
	next := 0
	for _, label := range append(seen, int32(l.classes)) {
		for ; next < int(label) && wrong.count < maxProblems; next++ {
			wrong.add("%s: class %d has no photographs: want labels from 0 without gaps", name, next)
		}
		next = int(label) + 1
	}
	wrong.count = l.classes - len(seen)
}

// classNames are the names of the folders that the photographs of each class are
// in, or numbers; named says which.
func (l list) classNames() (names []string, named bool) {
	names = make([]string, l.classes)
	class := make(map[string]int32)
	named = true
	for i, listed := range l.paths {
		label := l.labels[i]
		folder := path.Base(path.Dir(path.Clean(slashed(listed))))
		if folder == "." || folder == ".." || folder == "/" {
			named = false
			break
		}
		if other, ok := class[folder]; ok && other != label || names[label] != "" && names[label] != folder {
			named = false
			break
		}
		names[label], class[folder] = folder, label
	}
	if !named {
		for i := range names {
			names[i] = fmt.Sprintf("class %d", i)
		}
	}
	return names, named
}
