package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// requireContent checks a file's content.
func requireContent(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v, want %q", path, got, err, want)
	}
}

// requireAlone checks that a folder holds nothing but the named files.
func requireAlone(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for _, text := range []string{"first and longer", "second"} {
		if err := WriteFile(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		requireContent(t, path, text)
	}
	requireAlone(t, dir, "a")
}

// TestMode: a new file has the mode that the umask leaves, an old file keeps its own.
func TestMode(t *testing.T) {
	dir := t.TempDir()
	old := syscall.Umask(0o027)
	defer syscall.Umask(old)
	for name, mode := range map[string]fs.FileMode{"new": 0, "private": 0o600, "program": 0o775} {
		path := filepath.Join(dir, name)
		want := fs.FileMode(0o640)
		if mode != 0 {
			want = mode
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
		if err := WriteFile(path, []byte("text")); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, %v, want %v", name, info.Mode(), err, want)
		}
	}
}

// TestFailures: after an error or a panic the old file is whole and the unfinished
// one is gone.
func TestFailures(t *testing.T) {
	broken := errors.New("broken")
	for name, write := range map[string]func(io.Writer) error{
		"error": func(io.Writer) error { return broken },
		"panic": func(io.Writer) error { panic(broken) },
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "a")
		if err := WriteFile(path, []byte("old")); err != nil {
			t.Fatal(err)
		}
		err := func() (err error) {
			defer func() {
				if r := recover(); r != nil {
					err = r.(error)
				}
			}()
			return Write(path, func(w io.Writer) error {
				if _, err := io.WriteString(w, "half of the new"); err != nil {
					t.Error(err)
				}
				requireContent(t, path, "old") // while the new content is written
				return write(w)
			})
		}()
		if !errors.Is(err, broken) {
			t.Errorf("%s: error %v", name, err)
		}
		requireContent(t, path, "old")
		requireAlone(t, dir, "a")
	}
}

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	if err := WriteFile(dir, nil); !errors.Is(err, syscall.EISDIR) {
		t.Errorf("writing to a folder: error %v", err)
	}
	if err := WriteFile(filepath.Join(dir, "missing", "a"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("writing into a missing folder: error %v", err)
	}
	requireAlone(t, dir)
}

// TestSymbolicLink: the link stays and its target is replaced.
func TestSymbolicLink(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	target, link := filepath.Join(elsewhere, "target"), filepath.Join(dir, "link")
	if err := WriteFile(target, []byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	requireContent(t, target, "new")
	if got, err := os.Readlink(link); err != nil || got != target {
		t.Errorf("the link is now %q, %v", got, err)
	}
}

// TestPipe: a named pipe is written into, not replaced by a file.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	read := make(chan string)
	go func() {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		read <- string(text)
	}()
	if err := WriteFile(path, []byte("through the pipe")); err != nil {
		t.Fatal(err)
	}
	if got := <-read; got != "through the pipe" {
		t.Errorf("read %q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		t.Errorf("the pipe is now %v, %v", info.Mode(), err)
	}
}

// killedDir, if set, turns the test binary into a process that writes until it is
// killed.
const killedDir = "RN_TEST_ATOMICFILE_DIR"

// limitDisk, if set, limits the size of that process's files.
const limitDisk = "RN_TEST_ATOMICFILE_LIMIT"

const pageSize = 1 << 16

// page is a content whose bytes are all alike, so that a mixture can be told.
func page(i int) []byte { return []byte(strings.Repeat(string(rune('a'+i%26)), pageSize)) }

func TestMain(m *testing.M) {
	dir := os.Getenv(killedDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	path := filepath.Join(dir, "page")
	if os.Getenv(limitDisk) != "" {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: pageSize / 2, Max: pageSize / 2}); err != nil {
			panic(err)
		}
	}
	for i := 0; ; i++ {
		if err := WriteFile(path, page(i)); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(3)
		}
	}
}

// TestKilled kills a writing process at many moments: the file is always whole.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "page")
	if err := WriteFile(path, page(0)); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), killedDir+"="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(20+3*i) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("the process was not killed: %v", err)
		}
		got, err := os.ReadFile(path)
		if err != nil || len(got) != pageSize || strings.Trim(string(got), string(got[:1])) != "" {
			t.Fatalf("after kill %d: %d bytes, %v", i, len(got), err)
		}
	}
}

// TestFullDisk limits the size of files: the old content stays and the unfinished
// file is removed.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := WriteFile(filepath.Join(dir, "page"), []byte("old")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), killedDir+"="+dir, limitDisk+"=1")
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "file too large") {
		t.Fatalf("%v: %s", err, out)
	}
	requireContent(t, filepath.Join(dir, "page"), "old")
	requireAlone(t, dir, "page")
}
