//go:build unix

package trusted

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Two users that no process of these tests runs as, but for children of TestOtherUser.
const alice, bob = 54321, 54322

// childPath makes the test binary a process that checks a path below a root: ROOT:PATH.
const childPath = "RN_TEST_TRUSTED"

func TestMain(m *testing.M) {
	if root, path, child := strings.Cut(os.Getenv(childPath), ":"); child {
		if err := Path(root, path); err != nil {
			os.Stdout.WriteString(err.Error())
		}
		return
	}
	os.Exit(m.Run())
}

// tree makes ROOT/folder/file that only its owner can write, and returns the three paths.
func tree(t *testing.T) (root, folder, file string) {
	t.Helper()
	base := t.TempDir()
	root, folder, file = filepath.Join(base, "my cache"), filepath.Join(base, "my cache", "xla"), filepath.Join(base, "my cache", "xla", "entry")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("code"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]os.FileMode{filepath.Dir(base): 0o755, base: 0o755, root: 0o755, folder: 0o755, file: 0o644} { // whatever the umask
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	return root, folder, file
}

// wantFault fails the test unless err is an Error about a path that one command mends, and whose line has all parts.
func wantFault(t *testing.T, err error, path, fix string, parts ...string) {
	t.Helper()
	var fault *Error
	if !errors.As(err, &fault) || fault.Path != path || fault.Fix != fix {
		t.Errorf("error is %#v, want one about %s that %q mends", err, path, fix)
		return
	}
	for _, part := range append(parts, path, fix) {
		if line := err.Error(); !strings.Contains(line, part) || strings.Contains(line, "\n") {
			t.Errorf("error %q is not one line with %q", line, part)
		}
	}
}

// TestMode: a path is refused while its group or everybody can write to it or to a folder above it, up to the root, and
// the command that the error names mends it.
func TestMode(t *testing.T) {
	root, folder, file := tree(t)
	if err := Path(root, file); err != nil {
		t.Fatalf("a path that only its owner can write: %v", err)
	}
	for path, own := range map[string]os.FileMode{root: 0o755, folder: 0o700, file: 0o600} {
		for mode, part := range map[os.FileMode]string{0o020: "by its group", 0o002: "by everybody", 0o022: "by everybody"} {
			if err := os.Chmod(path, own|mode); err != nil {
				t.Fatal(err)
			}
			fix := "chmod go-w '" + path + "'"
			wantFault(t, Path(root, file), path, fix, part)
			if out, err := exec.Command("sh", "-c", fix).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", fix, err, out)
			}
			if err := Path(root, file); err != nil {
				t.Errorf("after %s: %v", fix, err)
			}
		}
	}
	if err := os.Chmod(filepath.Dir(root), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := Path(root, file); err != nil {
		t.Errorf("a folder above the root counts: %v", err)
	}
}

// TestTree: a folder is refused while others can write to something in it.
func TestTree(t *testing.T) {
	root, folder, file := tree(t)
	if err := os.Symlink("nowhere", filepath.Join(folder, "link")); err != nil {
		t.Fatal(err)
	}
	if err := Tree(root, folder); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o664); err != nil {
		t.Fatal(err)
	}
	wantFault(t, Tree(root, folder), file, "chmod go-w '"+file+"'")
	if err := Path(root, folder); err != nil {
		t.Errorf("the folder itself: %v", err)
	}
}

// TestLinks: a link is judged by its target, and a path outside the root by itself.
func TestLinks(t *testing.T) {
	root, folder, file := tree(t)
	_, _, elsewhere := tree(t)
	link := filepath.Join(folder, "link")
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, elsewhere} {
		if err := Path(root, path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := os.Chmod(elsewhere, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, elsewhere} {
		wantFault(t, Path(root, path), path, "chmod go-w '"+path+"'")
	}
	if err := Path(root, file); err != nil {
		t.Errorf("a link beside the file counts: %v", err)
	}
	if err := Path(root, file+".none"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a path without a file: error is %v", err)
	}
}

// TestOwner: root refuses what belongs to another user, at every step of the path.
func TestOwner(t *testing.T) {
	needRoot(t)
	root, folder, file := tree(t)
	for _, path := range []string{root, folder, file} {
		if err := os.Chown(path, alice, alice); err != nil {
			t.Fatal(err)
		}
		wantFault(t, Path(root, file), path, "chown 0 '"+path+"'", "belongs to user 54321")
		if err := os.Chown(path, 0, 0); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOtherUser runs the check as a user who is not root: that user's files and root's are trusted, another user's are
// not.
func TestOtherUser(t *testing.T) {
	needRoot(t)
	root, _, file := tree(t)
	program := copyOfTest(t, filepath.Dir(root))
	for _, c := range []struct {
		owner int
		want  string
	}{{0, ""}, {alice, ""}, {bob, "sudo chown 54321 '" + file + "'"}} {
		if err := os.Chown(file, c.owner, c.owner); err != nil {
			t.Fatal(err)
		}
		child := exec.Command(program)
		child.Env = append(os.Environ(), childPath+"="+root+":"+file)
		child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: alice, Gid: alice}}
		out, err := child.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if said := string(out); (said == "") != (c.want == "") || !strings.Contains(said, c.want) {
			t.Errorf("a file of user %d: user %d gets %q, want %q in it", c.owner, alice, said, c.want)
		}
	}
}

// needRoot skips the test for users who cannot give files away.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to give files to other users")
	}
}

// copyOfTest copies the test binary, which lies where only its owner can read, into a folder.
func copyOfTest(t *testing.T, dir string) (path string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	path = filepath.Join(dir, "test")
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
