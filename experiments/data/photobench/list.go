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

// maxListSize limits the size of a list file. VisDA's lists have 8 MB.
const maxListSize = 1 << 28

// maxListLines limits the photographs of a list, which take a quarter of a kilobyte
// each. ImageNet has a third of it, the largest benchmark, VisDA, 152,397 in a domain.
const maxListLines = 1 << 22

// rules are what a benchmark knows about a list.
type rules struct {
	classes  int // 0: any number
	repeated int // photographs that may appear again with another label
}

// readList reads a list file. Each line holds the path of a photograph, relative to
// root unless it is absolute, and as the last field its label, an integer from 0.
// Paths may contain spaces; a backslash stands for a slash unless a file has it in
// its name. Blank lines are skipped. Every class up to the highest label must have
// a photograph, and no path may appear twice except as the rules allow. An error
// lists the first ten problems with their lines. The photographs are not opened and
// need not exist.
//
// If each class has a folder of its own, the folders name the classes; otherwise
// their names are "class 0", "class 1" and so on.
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

// readListFile reads a list file of sensible size.
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
		return nil, fmt.Errorf("%s is not a file: want a list of lines \"path label\"", file)
	}
	if info.Size() > maxListSize {
		return nil, fmt.Errorf("%s is larger than %d bytes: want a list of lines \"path label\"", file, maxListSize)
	}
	return io.ReadAll(io.LimitReader(f, info.Size()))
}

// resolve returns the file of a listed path. On systems that allow backslashes in
// names, a backslash stands for a slash if there is no such file.
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

// slashed replaces backslashes by slashes.
func slashed(path string) string { return strings.ReplaceAll(path, `\`, "/") }

// list is the content of a list file.
type list struct {
	paths   []string // as listed
	labels  []int32
	classes int
}

// parseList parses the content of a list file. Errors begin with the name. Memory
// is a small multiple of the content's size.
func parseList(name string, content []byte, known rules) (list, error) {
	if bytes.IndexByte(content, 0) >= 0 {
		return list{}, fmt.Errorf("%s holds zero bytes: want UTF-8 text with lines \"path label\"", name)
	}
	lines := bytes.Count(content, []byte("\n"))
	if lines > maxListLines {
		return list{}, fmt.Errorf("%s has %d lines: want at most %d photographs", name, lines, maxListLines)
	}
	text := string(bytes.TrimPrefix(content, []byte("\ufeff")))
	out := list{classes: known.classes}
	const shortest = len("x 0\n")
	room := min(lines+1, len(content)/shortest+1) // no more paths than that
	out.paths, out.labels = make([]string, 0, room), make([]int32, 0, room)
	numbers := make([]int32, 0, room) // of the paths' lines
	seen := newPathIndex(room)
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
		if first, ok := seen.find(key, out.paths); ok {
			if repeated++; label == out.labels[first] || repeated > known.repeated {
				wrong.add("%s:%d: %s is already on line %d", name, number, abbreviated(listed), numbers[first])
				continue
			}
		}
		numbers = append(numbers, int32(number))
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

// parseLine parses a line that is not blank.
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

// abbreviated quotes text of a list, which may be anything and of any length.
func abbreviated(s string) string {
	const most = 120
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return strconv.Quote(s)
}

// countClasses sets the number of classes if it is unknown, and notes classes
// without photographs. Its memory does not grow with the labels' values.
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

// classNames returns the names of the classes' folders and true, or numbered names
// and false.
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
