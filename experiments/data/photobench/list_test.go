package photobench

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/internal/bounded"
)

func TestParseList(t *testing.T) {
	for _, c := range []struct {
		name, content  string
		paths, classes []string
		labels         []int32
	}{
		{"folders", "Art/Drill/1.jpg 0\nArt/Bike/1.jpg 1\nArt/Drill/2.jpg 0\n",
			[]string{"Art/Drill/1.jpg", "Art/Bike/1.jpg", "Art/Drill/2.jpg"}, []string{"Drill", "Bike"}, []int32{0, 1, 0}},
		{"no line end, tabs, several blanks", "a/x/1.jpg\t 0\n\n  \t\na/y/1.jpg  \t1", []string{"a/x/1.jpg", "a/y/1.jpg"}, []string{"x", "y"}, []int32{0, 1}},
		{"BOM and CRLF", "\ufeffx/1.jpg 0\r\ny/1.jpg 1\r\n", []string{"x/1.jpg", "y/1.jpg"}, []string{"x", "y"}, []int32{0, 1}},
		{"spaces in paths", "Real World/Desk Lamp/a b.jpg 0\n", []string{"Real World/Desk Lamp/a b.jpg"}, []string{"Desk Lamp"}, []int32{0}},
		{"no comments", "#1/a.jpg 0\n", []string{"#1/a.jpg"}, []string{"#1"}, []int32{0}},
		{"backslashes", `d\x\1.jpg 0` + "\n" + `d\y\1.jpg 1`, []string{`d\x\1.jpg`, `d\y\1.jpg`}, []string{"x", "y"}, []int32{0, 1}},
		{"absolute", "/d/x/1.jpg 0", []string{"/d/x/1.jpg"}, []string{"x"}, []int32{0}},
		{"one folder for all", "c/1.jpg 0\nc/2.jpg 1", []string{"c/1.jpg", "c/2.jpg"}, []string{"class 0", "class 1"}, []int32{0, 1}},
		{"two folders for a class", "x/1.jpg 0\ny/2.jpg 0", []string{"x/1.jpg", "y/2.jpg"}, []string{"class 0"}, []int32{0, 0}},
		{"no folder", "1.jpg 0", []string{"1.jpg"}, []string{"class 0"}, []int32{0}},
		{"a number for a name", "12 0", []string{"12"}, []string{"class 0"}, []int32{0}},
		{"no UTF-8", "x/\xff.jpg 0", []string{"x/\xff.jpg"}, []string{"x"}, []int32{0}},
	} {
		l, err := parseList("f", []byte(c.content), rules{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		classes, _ := l.classNames()
		if !slices.Equal(l.paths, c.paths) || !slices.Equal(l.labels, c.labels) || !slices.Equal(classes, c.classes) {
			t.Errorf("%s: %q %v %q, want %q %v %q", c.name, l.paths, l.labels, classes, c.paths, c.labels, c.classes)
		}
	}
}

func TestParseListMisuse(t *testing.T) {
	many := ""
	for i := range 25 {
		many += fmt.Sprintf("%d.jpg x\n", i)
	}
	for _, c := range []struct {
		name, content string
		classes       int
		want          []string
	}{
		{"no label", "a.jpg 0\n\nb.jpg\n", 0, []string{`f:3: "b.jpg" has no label`}},
		{"no path", "a.jpg 0\n7\n", 0, []string{`f:2: label "7" has no path`}},
		{"no integer", "a.jpg 0\nb.jpg 1.0\nc.jpg one", 0, []string{`f:2: label "1.0" is not an integer`, `f:3: label "one"`}},
		{"negative", "a.jpg -1", 0, []string{"f:1: label -1 is negative"}},
		{"above the classes", "a.jpg 0\nb.jpg 12", 12, []string{"f:2: label 12 of 12 classes: want 0 to 11"}},
		{"beyond int32", "a.jpg 2147483647", 0, []string{"f:1: label 2147483647 is too large"}},
		{"beyond int64", "a.jpg 99999999999999999999", 0, []string{"f:1:", "not an integer"}},
		{"twice", "x/a.jpg 0\n./x/a.jpg 0\nx\\a.jpg 1", 0, []string{`f:2: "./x/a.jpg" is already on line 1`, "f:3:"}},
		{"gaps", "a.jpg 1\nb.jpg 3", 0, []string{"class 0 has no photographs", "class 2 has no photographs"}},
		{"gap at the end", "a.jpg 0", 2, []string{"class 1 has no photographs"}},
		{"large gap", "a.jpg 2147483646", 0, []string{"class 9 has no", "and 2147483636 more"}},
		{"empty", "\n \r\n", 0, []string{"f: no photographs"}},
		{"zero bytes", "a\x00", 0, []string{"zero bytes", "UTF-8"}},
		{"many", many, 0, []string{"f:1:", "f:10:", "and 15 more"}},
		{"a long line", strings.Repeat("x", 1<<20), 0, []string{"f:1:", "…", "no label"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parseList("f", []byte(c.content), rules{classes: c.classes})
			wantError(t, err, c.want...)
			if err != nil && (len(err.Error()) > 2000 || strings.Count(err.Error(), "\n") > maxProblems) {
				t.Errorf("an error of %d bytes and %d lines", len(err.Error()), strings.Count(err.Error(), "\n"))
			}
		})
	}
}

// TestRepeated checks that only the known number of photographs may be repeated, and
// only with another label.
func TestRepeated(t *testing.T) {
	const content = "a.jpg 0\nb.jpg 1\na.jpg 1\n"
	l, err := parseList("f", []byte(content), rules{repeated: 1})
	if err != nil || !slices.Equal(l.paths, []string{"a.jpg", "b.jpg", "a.jpg"}) || !slices.Equal(l.labels, []int32{0, 1, 1}) {
		t.Errorf("%+v, %v", l, err)
	}
	_, err = parseList("f", []byte(content+"b.jpg 0\n"), rules{repeated: 1})
	wantError(t, err, `f:4: "b.jpg" is already on line 2`)
	_, err = parseList("f", []byte("a.jpg 0\na.jpg 0\n"), rules{repeated: 1})
	wantError(t, err, `f:2: "a.jpg" is already on line 1`)
}

func TestReadList(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"list.txt":       "d\\x\\1.jpg 0\n" + filepath.ToSlash(dir) + "/y/1.jpg 1\nnot/z/here.jpg 2\n",
		"root/d/x/1.jpg": "",
	})
	root := filepath.Join(dir, "root")
	p, err := readList(filepath.Join(dir, "list.txt"), root, rules{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(root, "d/x/1.jpg"), filepath.Join(dir, "y/1.jpg"), filepath.Join(root, "not/z/here.jpg")}
	if !slices.Equal(p.Paths, want) || p.Name != "list" || p.Root != root || !slices.Equal(p.Classes, []string{"x", "y", "z"}) || p.Len() != 3 {
		t.Errorf("%+v, want paths %q", p, want)
	}
	// A backslash may be part of a file name.
	write(t, dir, map[string]string{`root/d\x\1.jpg`: ""})
	if p, err = readList(filepath.Join(dir, "list.txt"), root, rules{}); err != nil || p.Paths[0] != filepath.Join(root, `d\x\1.jpg`) {
		t.Errorf("%q, %v", p.Paths[0], err)
	}
	_, err = readList(dir, root, rules{})
	wantError(t, err, dir, "is not a file")
	_, err = readList(filepath.Join(dir, "nope.txt"), root, rules{})
	wantError(t, err, "nope.txt")
}

// TestListTooLarge checks that a file of absurd size is refused unread.
func TestListTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "film.txt")
	write(t, filepath.Dir(path), map[string]string{"film.txt": ""})
	if err := os.Truncate(path, maxListSize+1); err != nil {
		t.Fatal(err)
	}
	_, err := readList(path, "", rules{})
	wantError(t, err, path, "larger than")
}

// TestListTooLong checks that a list of absurd length is refused before its lines
// are parsed.
func TestListTooLong(t *testing.T) {
	content := bytes.Repeat([]byte("x 0\n"), maxListLines+1)
	bounded.Allocation(t, 0, 1, func() {
		_, err := parseList("f", content, rules{})
		wantError(t, err, "f has 4194305 lines", "at most 4194304")
	})
}

// TestPathIndex checks that paths with equal hashes are told apart.
func TestPathIndex(t *testing.T) {
	x := newPathIndex(2)
	paths := []string{"a/1.jpg"}
	for hash := range uint64(3) { // every hash from that of b/2.jpg on is taken by another path
		x.positions[maphash.String(x.seed, "b/2.jpg")+hash] = 0
	}
	if at, ok := x.find("b/2.jpg", paths); ok || at != 1 {
		t.Errorf("a new path is at %d, %t", at, ok)
	}
	paths = append(paths, `b\.\2.jpg`)
	if at, ok := x.find("b/2.jpg", paths); !ok || at != 1 {
		t.Errorf("the path is at %d, %t, want 1", at, ok)
	}
}

// FuzzParseList checks that accepted lists are consistent, and that writing one and
// parsing it again gives the same list.
func FuzzParseList(f *testing.F) {
	for _, seed := range []string{
		"Art/Drill/1.jpg 0\nArt/Bike/1.jpg 1\n", "\ufeffa b/c.jpg\t0\r\n", "x\\1.jpg 0", "a 1\nb 0", "a 2147483646", "a -1", "a", "7", "\x00", "# 0", "../a 0\n/b 1",
	} {
		f.Add([]byte(seed), uint8(0))
		f.Add([]byte(seed), uint8(2))
	}
	f.Fuzz(func(t *testing.T, content []byte, classes uint8) {
		var l list
		var err error
		bounded.Allocation(t, len(content), 64, func() { l, err = parseList("f", content, rules{classes: int(classes)}) })
		if err != nil {
			if strings.Count(err.Error(), "\n") > maxProblems {
				t.Fatalf("too long an error: %v", err)
			}
			return
		}
		if classes > 0 && l.classes != int(classes) || l.classes > len(l.paths) || len(l.labels) != len(l.paths) {
			t.Fatalf("%d paths, %d labels, %d classes of %d", len(l.paths), len(l.labels), l.classes, classes)
		}
		counts := make([]int, l.classes)
		text := ""
		for i, label := range l.labels {
			counts[label]++
			if len(l.paths[i]) > len(content) || l.paths[i] == "" {
				t.Fatalf("path %q", l.paths[i])
			}
			text += fmt.Sprintf("%s %d\n", l.paths[i], label)
		}
		if slices.Contains(counts, 0) {
			t.Fatalf("a class without photographs: %v", counts)
		}
		if names, _ := l.classNames(); len(names) != l.classes || slices.Contains(names, "") {
			t.Fatalf("names %q of %d classes", names, l.classes)
		}
		again, err := parseList("f", []byte(text), rules{classes: int(classes)})
		if strings.HasPrefix(text, "\ufeff") {
			return // the second mark belongs to the first path and is lost
		}
		if err != nil || !slices.Equal(again.paths, l.paths) || !slices.Equal(again.labels, l.labels) {
			t.Fatalf("%q: %q, %v, want %q", text, again.paths, err, l.paths)
		}
	})
}

// TestParseListMemory checks that memory is a multiple of the content's size,
// whatever the labels.
func TestParseListMemory(t *testing.T) {
	var short strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&short, "%x 0\n", i)
	}
	for name, content := range map[string]string{"many short lines": short.String(), "a large label": "a.jpg 2147483646"} {
		t.Run(name, func(t *testing.T) {
			bounded.Allocation(t, len(content), 64, func() { _, _ = parseList("f", []byte(content), rules{}) })
		})
	}
}
