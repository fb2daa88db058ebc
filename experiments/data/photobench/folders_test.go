package photobench

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestReadFolders(t *testing.T) {
	dir := t.TempDir()
	writeEmpty(t, dir, "b/2.JPG", "b/1.jpeg", "b/deep/er/3.PNG", "b/notes.txt", "b/.hidden.jpg", "b/.thumbs/1.jpg", "B/1.bmp", "a b/1.webp", "a b/2.gif",
		".git/1.jpg", "readme.md", "cover.jpg")
	p, err := ReadFolders(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"B/1.bmp", "a b/1.webp", "a b/2.gif", "b/1.jpeg", "b/2.JPG", "b/deep/er/3.PNG"}
	if got := relative(t, dir, p.Paths); !slices.Equal(got, want) || !slices.Equal(p.Labels, []int32{0, 1, 1, 2, 2, 2}) || !slices.Equal(p.Classes, []string{"B", "a b", "b"}) {
		t.Errorf("%q %v %q, want %q", got, p.Labels, p.Classes, want)
	}
}

func TestReadFoldersMisuse(t *testing.T) {
	dir := t.TempDir()
	writeEmpty(t, dir, "empty/a/1.jpg", "empty/b/notes.txt", "empty/c/.x.jpg", "flat/1.jpg", "flat/2.jpg", "nothing/notes.txt")
	_, err := ReadFolders(filepath.Join(dir, "empty"))
	wantError(t, err, filepath.Join("empty", "b"), filepath.Join("empty", "c"), "no images")
	_, err = ReadFolders(filepath.Join(dir, "flat"))
	wantError(t, err, "2 images but no folders", "a folder for each class")
	_, err = ReadFolders(filepath.Join(dir, "nothing"))
	wantError(t, err, "holds no folders", "a folder for each class")
	_, err = ReadFolders(filepath.Join(dir, "nope"))
	wantError(t, err, "nope")
	_, err = ReadFolders(filepath.Join(dir, "flat", "1.jpg"))
	wantError(t, err, "1.jpg")
}

// TestLinks checks that links to folders are followed, that circles end, and that a
// link up to all classes adds no photographs of other classes.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	writeEmpty(t, dir, "d/a/1.jpg", "d/b/1.jpg", "elsewhere/c/1.jpg", "elsewhere/c/deep/2.jpg")
	link := func(to, at string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, at)); err != nil {
			t.Fatal(err)
		}
	}
	link(filepath.Join(dir, "d"), "d/a/all")                // a link up
	link(".", "d/b/self")                                   // to itself
	link(filepath.Join(dir, "elsewhere", "c"), "d/c")       // a class elsewhere
	link(filepath.Join(dir, "elsewhere", "c"), "d/c/again") // into which a link leads back
	link(filepath.Join(dir, "d", "b"), "d/a/of b")          // a folder beside
	link("circle", "d/circle")                              // dangling
	link(filepath.Join(dir, "gone.jpg"), "d/b/gone.jpg")    // a photograph that is not there
	p, err := ReadFolders(filepath.Join(dir, "d"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a/1.jpg", "a/of b/1.jpg", "a/of b/gone.jpg", "b/1.jpg", "b/gone.jpg", "c/1.jpg", "c/deep/2.jpg"}
	if got := relative(t, filepath.Join(dir, "d"), p.Paths); !slices.Equal(got, want) || len(p.Classes) != 3 {
		t.Errorf("%q of %q, want %q", got, p.Classes, want)
	}
}
