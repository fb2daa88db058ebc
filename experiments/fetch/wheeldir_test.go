package fetch

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// dirWheel returns a wheel with files and sets $RN_CACHE to a folder of the test. Files whose names end in "!", which
// is removed, are executable.
func dirWheel(t *testing.T, files map[string]string) (w Wheel, path string) {
	t.Helper()
	t.Setenv(CacheEnv, t.TempDir())
	var buf bytes.Buffer
	archive := zip.NewWriter(&buf)
	for name, data := range files {
		header := &zip.FileHeader{Name: strings.TrimSuffix(name, "!"), Method: zip.Deflate}
		header.SetMode(0o644)
		if strings.HasSuffix(name, "!") {
			header.SetMode(0o755)
		}
		if strings.HasSuffix(name, "@") {
			header.SetMode(fs.ModeSymlink | 0o777)
		}
		f, err := archive.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "package-1.0-py3-none-any.whl")
	if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return Wheel{Project: "package", Version: "1.0", SHA256: sum(buf.Bytes())}, path
}

// wantTree fails the test unless dir holds exactly the given files and the stamp.
func wantTree(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	got := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == wheelStamp {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		got[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Errorf("%s holds %q, want %q", dir, got, want)
	}
	for name, data := range want {
		if got[name] != data {
			t.Errorf("%s holds %q, want %q", filepath.Join(dir, name), got[name], data)
		}
	}
}

func TestWheelExtractDir(t *testing.T) {
	w, path := dirWheel(t, map[string]string{
		"nvidia/cudnn/lib/libcudnn.so.9": "library", "nvidia/cudnn/bin/tool!": "program", "nvidia/cudnn/": "",
		"nvidia/cudnnother/x": "another", "package-1.0.dist-info/RECORD": "",
	})
	log := filepath.Join(t.TempDir(), "log")
	fakeCommand(t, "python3", pipScript(path, log))
	dest := filepath.Join(t.TempDir(), "new", "cudnn")
	want := map[string]string{"lib/libcudnn.so.9": "library", "bin/tool": "program"}
	if err := w.ExtractDir(t.Context(), "nvidia/cudnn", dest); err != nil {
		t.Fatal(err)
	}
	wantTree(t, dest, want)
	for name, executable := range map[string]bool{"bin/tool": true, "lib/libcudnn.so.9": false} {
		info, err := os.Stat(filepath.Join(dest, name))
		if err != nil || (info.Mode()&0o111 != 0) != executable {
			t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
		}
	}

	// A folder from this wheel is not fetched again, whatever pip would do.
	fakeCommand(t, "python3", "exit 1\n")
	if err := w.ExtractDir(t.Context(), "nvidia/cudnn", dest); err != nil {
		t.Errorf("second ExtractDir: %v", err)
	}
	// What a killed run or another version left is replaced, and nothing of it stays.
	for _, left := range []string{filepath.Join(dest, "lib", "libcudnn.so.8"), filepath.Join(dest+"."+w.SHA256[:16]+".partial", "half")} {
		if err := os.MkdirAll(filepath.Dir(left), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(left, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dest, wheelStamp), []byte("another wheel"), 0o644); err != nil {
		t.Fatal(err)
	}
	fakeCommand(t, "python3", pipScript(path, log))
	if err := w.ExtractDir(t.Context(), "nvidia/cudnn", dest); err != nil {
		t.Fatal(err)
	}
	wantTree(t, dest, want)
	if entries, err := os.ReadDir(filepath.Dir(dest)); err != nil || len(entries) != 1 {
		t.Errorf("beside the folder there are %v, %v", entries, err)
	}
}

func TestWheelExtractDirErrors(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name  string
		files map[string]string
		edit  func(w *Wheel)
		ctx   context.Context
		want  string
	}{
		{name: "no such folder", files: map[string]string{"nvidia/cudnnother/x": ""}, want: `no folder "nvidia/cudnn" among the 1 files`},
		{name: "a file of that name", files: map[string]string{"nvidia/cudnn": ""}, want: `no folder "nvidia/cudnn"`},
		{name: "out of the folder", files: map[string]string{"nvidia/cudnn/a": "", "nvidia/cudnn/../../x": ""}, want: "not a plain file"},
		{name: "a link", files: map[string]string{"nvidia/cudnn/link@": "/"}, want: "not a plain file"},
		{name: "wrong wheel", files: map[string]string{"nvidia/cudnn/a": ""}, edit: func(w *Wheel) { w.SHA256 = sum([]byte("other")) }, want: "sha256 is"},
		{name: "version", files: map[string]string{"nvidia/cudnn/a": ""}, edit: func(w *Wheel) { w.Version = "1 --pre" }, want: `version "1 --pre"`},
		{name: "cancelled", files: map[string]string{"nvidia/cudnn/a": ""}, ctx: cancelled, want: context.Canceled.Error()},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, path := dirWheel(t, test.files)
			fakeCommand(t, "python3", pipScript(path, filepath.Join(t.TempDir(), "log")))
			if test.edit != nil {
				test.edit(&w)
			}
			ctx := test.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			dest := filepath.Join(t.TempDir(), "cudnn")
			wantError(t, w.ExtractDir(ctx, "nvidia/cudnn", dest), test.want, w.String())
			if entries, err := os.ReadDir(filepath.Dir(dest)); err != nil || len(entries) != 0 {
				t.Errorf("left behind: %v, %v", entries, err)
			}
		})
	}
}

// TestWheelExtractDirKeeps checks that a folder stays if fetching the wheel that should replace it fails.
func TestWheelExtractDirKeeps(t *testing.T) {
	w, _ := dirWheel(t, map[string]string{"nvidia/cudnn/a": "new"})
	fakeCommand(t, "python3", "exit 1\n")
	dest := t.TempDir()
	if err := os.WriteFile(filepath.Join(dest, "a"), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := w.ExtractDir(t.Context(), "nvidia/cudnn", dest); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	wantTree(t, dest, map[string]string{"a": "old"})
}
