package photobench

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// twelve writes as many class folders as VisDA and ImageCLEF have, each with one
// file.
func twelve(t *testing.T, dir, file string) {
	t.Helper()
	for i := range 12 {
		writeEmpty(t, dir, fmt.Sprintf("k%02d/%s", i, file))
	}
}

// listOf returns the list of the files that twelve writes.
func listOf(dir, file string) string {
	out := ""
	for i := range 12 {
		out += fmt.Sprintf("%sk%02d/%s %d\n", dir, i, file, i)
	}
	return out
}

// TestPlaces checks that a domain is found in each documented place.
func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		name, benchmark, domain string
		folder                  string // of class folders
		list, prefix            string // list file, and prefix of its paths
		lists                   string // Location.Lists
	}{
		{name: "folder", benchmark: "visda", domain: "train", folder: "train"},
		{name: "alias", benchmark: "visda", domain: "train", folder: "synthetic"},
		{name: "asked by alias, other case", benchmark: "visda", domain: "Real", folder: "Validation"},
		{name: "images in the domain's folder", benchmark: "image-clef", domain: "c", folder: "c/images"},
		{name: "below images", benchmark: "image-clef", domain: "c", folder: "images/c"},
		{name: "below kfold", benchmark: "visda", domain: "train", folder: "kfold/train"},
		{name: "list", benchmark: "visda", domain: "train", folder: "x", list: "train.txt", prefix: "x/"},
		{name: "_list", benchmark: "visda", domain: "train", folder: "x", list: "train_list.txt", prefix: "x/"},
		{name: "List", benchmark: "image-clef", domain: "c", folder: "x", list: "list/cList.txt", prefix: "x/"},
		{name: "image_list", benchmark: "visda", domain: "train", folder: "x", list: "image_list/train.txt", prefix: "x/"},
		{name: "VisDA's own list", benchmark: "visda", domain: "train", folder: "train/x", list: "train/image_list.txt", prefix: "x/"},
		{name: "lists", benchmark: "visda", domain: "train", folder: "x", list: "L/synthetic_list.txt", prefix: "x/", lists: "L"},
		{name: "lists of a benchmark", benchmark: "visda", domain: "train", folder: "x", list: "L/visda/train.txt", prefix: "x/", lists: "L"},
		{name: "custom folder", benchmark: "custom", domain: "a/b", folder: "a/b"},
		{name: "custom list", benchmark: "custom", domain: "a/b.txt", folder: "x", list: "a/b.txt", prefix: "x/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			twelve(t, filepath.Join(root, filepath.FromSlash(c.folder)), "1.jpg")
			if c.list != "" {
				write(t, root, map[string]string{c.list: listOf(c.prefix, "1.jpg")})
			}
			l := Location{Root: root}
			if c.lists != "" {
				l.Lists = filepath.Join(root, c.lists)
			}
			b := lookup(t, c.benchmark)
			p, err := b.Load(l, c.domain)
			if err != nil {
				t.Fatal(err)
			}
			d, err := b.Domain(c.domain)
			if err != nil {
				t.Fatal(err)
			}
			got := relative(t, root, p.Paths)
			if p.Len() != 12 || got[11] != c.folder+"/k11/1.jpg" || p.Classes[11] != "k11" || p.Labels[11] != 11 || p.Name != d.Name || p.Root != root {
				t.Errorf("%q %+v", got, p)
			}
		})
	}
}

// TestListBeforeFolder checks that a list takes precedence over the folder.
func TestListBeforeFolder(t *testing.T) {
	root := t.TempDir()
	twelve(t, filepath.Join(root, "train"), "1.jpg")
	twelve(t, filepath.Join(root, "train"), "2.jpg")
	b := lookup(t, "visda")
	if p, err := b.Load(Location{Root: root}, "train"); err != nil || p.Len() != 24 {
		t.Errorf("%v, %v", p, err)
	}
	write(t, root, map[string]string{"train.txt": listOf("train/", "2.jpg")})
	if p, err := b.Load(Location{Root: root}, "train"); err != nil || p.Len() != 12 {
		t.Errorf("%v, %v", p, err)
	}
}

// TestFewerClasses checks that Load accepts some of a benchmark's classes; Check
// reports the missing ones.
func TestFewerClasses(t *testing.T) {
	root := t.TempDir()
	writeEmpty(t, root, "validation/a/1.jpg", "validation/b/1.jpg")
	if p, err := lookup(t, "visda").Load(Location{Root: root}, "validation"); err != nil || len(p.Classes) != 2 {
		t.Errorf("%v, %v", p, err)
	}
}

func TestLoadMisuse(t *testing.T) {
	root := t.TempDir()
	twelve(t, filepath.Join(root, "train"), "1.jpg")
	twelve(t, filepath.Join(root, "validation"), "1.jpg")
	writeEmpty(t, root, "validation/k12/1.jpg")
	write(t, root, map[string]string{
		"lists/train.txt":      listOf("nope/", "1.jpg"),
		"lists/validation.txt": strings.Replace(listOf("train/", "1.jpg"), "k03/1.jpg", "k03", 1),
		"lists/broken/c.txt":   "c/1.jpg 12\n",
		"file":                 "",
	})
	visda := lookup(t, "visda")
	for _, c := range []struct {
		name   string
		b      Benchmark
		l      Location
		domain string
		want   []string
	}{
		{"unknown domain", visda, Location{Root: root}, "nope", []string{`"nope"`, "train, validation"}},
		{"no root", visda, Location{}, "train", []string{"--root"}},
		{"root is not there", visda, Location{Root: filepath.Join(root, "gone")}, "train", []string{"--root", "gone"}},
		{"root is a file", visda, Location{Root: filepath.Join(root, "file")}, "train", []string{"--root", "is a file"}},
		{"lists are not there", visda, Location{Root: root, Lists: filepath.Join(root, "gone")}, "train", []string{"--lists", "gone"}},
		{"not found", lookup(t, "pacs"), Location{Root: root}, "art", []string{
			"pacs, art_painting: not found", "list art_painting.txt, art_painting_list.txt, art.txt, art_list.txt in " + root,
			"in " + filepath.Join(root, "image_list"), filepath.Join("art_painting", "image_list.txt"),
			"folder art_painting, art in " + root, filepath.Join(root, "kfold")}},
		{"not in lists", lookup(t, "pacs"), Location{Root: root, Lists: filepath.Join(root, "lists")}, "photo", []string{
			"list photo.txt, photo_list.txt in " + filepath.Join(root, "lists"), filepath.Join(root, "lists", "pacs")}},
		{"too many classes", visda, Location{Root: root}, "validation", []string{"visda, validation", "13 classes, want 12", "custom"}},
		{"missing files", visda, Location{Root: root, Lists: filepath.Join(root, "lists")}, "train", []string{
			"12 of 12 files", "train.txt", filepath.Join(root, "nope", "k00", "1.jpg"), "k04", "and 7 more", "--root"}},
		{"a folder for a file", visda, Location{Root: root, Lists: filepath.Join(root, "lists")}, "validation", []string{
			"1 of 12 files", filepath.Join(root, "train", "k03")}},
		{"label above", lookup(t, "image-clef"), Location{Root: root, Lists: filepath.Join(root, "lists", "broken")}, "c", []string{
			"c.txt:1: label 12 of 12 classes"}},
		{"outside the root", lookup(t, "custom"), Location{Root: root}, "../x", []string{`"../x"`, "below the root"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.b.Load(c.l, c.domain)
			wantError(t, err, c.want...)
		})
	}
}

// TestCustomNamesAreExact checks that custom's domains may differ in separators only.
func TestCustomNamesAreExact(t *testing.T) {
	root := t.TempDir()
	writeEmpty(t, root, "day_1/x/1.jpg")
	if _, err := lookup(t, "custom").Load(Location{Root: root}, "day1"); err == nil {
		t.Error("day_1 was taken for day1")
	}
}

func TestBrokenLink(t *testing.T) {
	root := t.TempDir()
	writeEmpty(t, root, "d/x/1.jpg")
	if err := os.Symlink(filepath.Join(root, "gone"), filepath.Join(root, "d", "x", "2.jpg")); err != nil {
		t.Fatal(err)
	}
	_, err := lookup(t, "custom").Load(Location{Root: root}, "d")
	wantError(t, err, "1 of 2 files", filepath.Join("d", "x", "2.jpg"), "dangling links")
	allowing := Location{Root: root, AllowMissing: true}
	if p, err := lookup(t, "custom").Load(allowing, "d"); err != nil || p.Len() != 2 {
		t.Errorf("with missing files allowed: %v, %v", p, err)
	}
	if err := os.Remove(filepath.Join(root, "d", "x", "1.jpg")); err != nil {
		t.Fatal(err)
	}
	_, err = lookup(t, "custom").Load(allowing, "d")
	wantError(t, err, "1 of 1 files")
}

// TestPair: photographs of a class get the same label in both domains, whatever the
// order and spelling of the classes.
func TestPair(t *testing.T) {
	root := t.TempDir()
	writeEmpty(t, root, "a/back_pack/0.jpg", "a/bike/1.jpg", "a/na\u00efve/2.jpg", "a/z/3.jpg", // the file names are the labels
		"same/Back-Pack/0.jpg", "same/bike/1.jpg", "same/nai\u0308ve/2.jpg", "same/Z/3.jpg",
		"order/Bike/1.jpg", "order/Na\u00efve/2.jpg", "order/Z/3.jpg", "order/back pack/0.jpg",
		"flat/0.jpg", "flat/1.jpg", "flat/2.jpg", "flat/3.jpg", "n/0/0.jpg", "n/1/1.jpg", "n/02/2.jpg", "n/3/3.jpg", "padded/03/3.jpg", "padded/00/0.jpg", "padded/2/2.jpg", "padded/01/1.jpg")
	write(t, root, map[string]string{
		"unnamed.txt": "flat/3.jpg 3\nflat/0.jpg 0\nflat/1.jpg 1\nflat/2.jpg 2\n",
		"listed.txt":  "a/bike/1.jpg 0\na/z/3.jpg 1\na/back_pack/0.jpg 2\na/na\u00efve/2.jpg 3\n",
	})
	custom, l := lookup(t, "custom"), Location{Root: root}
	for _, c := range []struct {
		source, target string
		classes        []string // of the target
	}{
		{"a", "same", []string{"Back-Pack", "bike", "nai\u0308ve", "Z"}},
		{"a", "order", []string{"back pack", "Bike", "Na\u00efve", "Z"}},
		{"a", "listed", []string{"back_pack", "bike", "na\u00efve", "z"}},
		{"a", "unnamed", []string{"class 0", "class 1", "class 2", "class 3"}},
		{"unnamed", "a", []string{"back_pack", "bike", "na\u00efve", "z"}},
		{"n", "unnamed", []string{"class 0", "class 1", "class 2", "class 3"}},
		{"unnamed", "padded", []string{"00", "01", "2", "03"}},
		{"n", "padded", []string{"00", "01", "2", "03"}},
	} {
		s, u, err := custom.Pair(l, c.source, c.target)
		if err != nil || s.Name != c.source || u.Name != c.target {
			t.Errorf("%s → %s: %v, %v, %v", c.source, c.target, s, u, err)
			continue
		}
		if !slices.Equal(u.Classes, c.classes) {
			t.Errorf("%s → %s: the target's classes are %q, want %q", c.source, c.target, u.Classes, c.classes)
		}
		for _, p := range []*Photos{s, u} {
			for i, path := range p.Paths {
				if got, want := fmt.Sprintf("%d.jpg", p.Labels[i]), filepath.Base(path); got != want {
					t.Errorf("%s → %s: %s has label %d", c.source, c.target, path, p.Labels[i])
				}
			}
		}
	}
}

// TestPairRefuses: the error for domains that cannot be paired names both and what
// differs.
func TestPairRefuses(t *testing.T) {
	root := t.TempDir()
	writeEmpty(t, root, "a/back_pack/1.jpg", "a/bike/1.jpg", "c/back pack/1.jpg", "c/bikes/1.jpg", "d/bike/1.jpg", "twice/Bike/1.jpg", "twice/bike/2.jpg",
		"n/1/1.jpg", "n/2/1.jpg", "flat/1.jpg", "flat/2.jpg")
	write(t, root, map[string]string{"unnamed.txt": "flat/1.jpg 0\nflat/2.jpg 1\n"})
	custom, l := lookup(t, "custom"), Location{Root: root}
	for _, c := range []struct {
		source, target string
		want           []string
	}{
		{"a", "c", []string{"the classes of a and c differ", `class "bike" of a is not in c, which has "bikes"`}},
		{"a", "d", []string{"classes of a: 2, of d: 1", `class "back_pack" of a is not in d`}},
		{"a", "twice", []string{`classes "Bike" and "bike" of twice differ only in their spelling`}},
		{"n", "unnamed", []string{"unnamed has no class names but the labels 0 to 1", `class "2" of n`}},
		{"a", "./a", []string{"source and target are both a"}},
		{"nope", "a", []string{"source:", "not found"}},
		{"a", "", []string{"target:", `domain ""`}},
	} {
		_, _, err := custom.Pair(l, c.source, c.target)
		wantError(t, err, c.want...)
	}
	_, _, err := lookup(t, "pacs").Pair(l, "art", "Art Painting")
	wantError(t, err, "both art_painting of pacs")
}
