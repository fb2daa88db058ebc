package photobench

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// LeftOut counts the files below a domain's folder that are not among its
// photographs.
type LeftOut struct {
	// Extensions counts the files of class folders whose extension is not read, by
	// extension in lower case; "" stands for names without one.
	Extensions map[string]int `json:"extensions,omitempty"`
	// Beside is the number of images beside the class folders, which have no class.
	Beside int `json:"beside,omitempty"`
}

// isOther reports whether a file of a class folder is not an image, and counts it.
func (l *LeftOut) isOther(path string) bool {
	if isImage(path) {
		return false
	}
	if l.Extensions == nil {
		l.Extensions = make(map[string]int)
	}
	l.Extensions[strings.ToLower(filepath.Ext(path))]++
	return true
}

// Count returns the number of files.
func (l LeftOut) Count() int {
	sum := l.Beside
	for _, n := range l.Extensions {
		sum += n
	}
	return sum
}

// String describes the files in one line, such as "5 files left out: 3 .heic, 2
// .avif"; it is empty if there are none.
func (l LeftOut) String() string {
	count := l.Count()
	if count == 0 {
		return ""
	}
	names := slices.SortedFunc(maps.Keys(l.Extensions), func(a, b string) int {
		return cmp.Or(cmp.Compare(l.Extensions[b], l.Extensions[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, name := range names {
		n := l.Extensions[name]
		if name == "" {
			name = "without an extension"
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, printable(name)))
	}
	if more := len(parts) - maxProblems; more > 0 {
		parts = append(parts[:maxProblems], fmt.Sprintf("and %d more extensions", more))
	}
	if l.Beside > 0 {
		parts = append(parts, fmt.Sprintf("%d beside the class folders", l.Beside))
	}
	noun := "files"
	if count == 1 {
		noun = "file"
	}
	return fmt.Sprintf("%d %s left out: %s (want %s, in class folders)", count, noun, strings.Join(parts, ", "), strings.Join(extensions, " "))
}

// printable quotes a name that a terminal would not show as it is.
func printable(name string) string {
	if quoted := fmt.Sprintf("%q", name); quoted != `"`+name+`"` {
		return quoted
	}
	return name
}
