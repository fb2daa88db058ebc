package photobench

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLeftOut checks that JFIF and TIFF files are photographs, and that every other
// file of a class folder is counted by its extension.
func TestLeftOut(t *testing.T) {
	dir := t.TempDir()
	writeEmpty(t, dir, "x/1.jfif", "x/2.JPE", "x/3.tif", "x/4.TIFF", "x/5.heic", "x/6.HEIC", "x/deep/7.heic", "x/8.avif", "x/photo", "x/9.\x1b[2J", "x/.hidden", "beside.jpg", "notes.txt")
	p, err := ReadFolders(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"x/1.jfif", "x/2.JPE", "x/3.tif", "x/4.TIFF"}
	if got := relative(t, dir, p.Paths); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := p.LeftOut.String(); !strings.HasPrefix(got, `7 files left out: 3 .heic, 1 without an extension, 1 ".\x1b[2j", 1 .avif, 1 beside the class folders (want .jpg`) {
		t.Errorf("left out: %s", got)
	}
	writeEmpty(t, dir, "y/1.heic", "y/2.heic")
	_, err = ReadFolders(dir)
	wantError(t, err, filepath.Join(dir, "y"), "no images", "2 other files")
	if none := (LeftOut{}); none.String() != "" {
		t.Errorf("left out nothing: %q", none.String())
	}
}

// TestCheckWarns checks that files that are left out, and domains whose photographs
// are all equal, are warnings and do not make a report bad.
func TestCheckWarns(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"a/x/1.jpg": "a1", "a/x/2.jpg": "a2", "a/x/3.heic": "", "a/x/4.avif": "",
		"b/x/1.jpg": "grey", "b/x/2.jpg": "grey", "b/x/3.jpg": "grey",
	})
	r, err := lookup(t, "custom").check(t.Context(), Location{Root: root}, nil, fakeDecode)
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK() || len(r.Warnings) != 3 || !strings.HasPrefix(r.Warnings[0], "a: 2 files left out: 1 .avif, 1 .heic") || !strings.HasPrefix(r.Warnings[1], "b: all 3 photographs have the same content") {
		t.Errorf("problems %q, warnings %q", r.Problems, r.Warnings)
	}
}
