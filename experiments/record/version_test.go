package record

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	repository := t.TempDir()
	git := func(args ...string) string {
		t.Helper()
		command := exec.Command("git", append([]string{"-C", repository, "-c", "user.name=a", "-c", "user.email=a@b"}, args...)...)
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(repository, "a.go"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "--quiet")
	write("package a\n")
	git("add", "a.go")
	git("commit", "--quiet", "-m", "a")
	git("tag", "v9.9.9") // a commit is named by its hash all the same
	head := git("rev-parse", "HEAD")

	ours := debug.Module{Path: module, Version: "(devel)"}
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	of := func(dependency debug.Module) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Path: "gonb_1"}, Deps: []*debug.Module{{Path: "github.com/gomlx/gomlx", Version: "v0.28.2"}, &dependency}}
	}
	replaced := func(by debug.Module) debug.Module { return debug.Module{Path: module, Version: "v1.0.0", Replace: &by} }
	check := func(what string, info *debug.BuildInfo, sources, want string) {
		t.Helper()
		if got := versionOf(info, sources); got != want {
			t.Errorf("%s: version %q, want %q", what, got, want)
		}
	}
	check("the command", &debug.BuildInfo{Main: ours, Settings: []debug.BuildSetting{setting("vcs.revision", "abc"), setting("vcs.modified", "false")}}, repository, "abc")
	check("the command, changed", &debug.BuildInfo{Main: ours, Settings: []debug.BuildSetting{setting("vcs.revision", "abc"), setting("vcs.modified", "true")}}, repository, "abc-dirty")
	check("tests", &debug.BuildInfo{Main: ours}, repository, "unknown")
	check("a released module", of(debug.Module{Path: module, Version: "v1.2.3"}), repository, "v1.2.3")
	check("a fork of it", of(replaced(debug.Module{Path: "example.com/fork", Version: "v1.2.4"})), repository, "v1.2.4")
	check("a workspace", of(ours), repository, head)
	check("a checkout in its place", of(replaced(debug.Module{Path: repository})), repository, head)
	check("trimmed paths", of(ours), "", "unknown")
	check("no repository", of(ours), t.TempDir(), "unknown+"+noText)
	check("a program without it", &debug.BuildInfo{Main: debug.Module{Path: "other"}}, repository, "unknown")
	if err := os.WriteFile(filepath.Join(repository, "notes.ipynb"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	check("a changed notebook", of(ours), repository, head)
	changed := func(what string) string {
		t.Helper()
		got := versionOf(of(ours), repository)
		if !strings.HasPrefix(got, head+"-dirty+") || len(got) != len(head+"-dirty+")+hashDigits {
			t.Errorf("%s: version %q, want %s-dirty+ and %d digits", what, got, head, hashDigits)
		}
		return got
	}
	write("package b\n")
	b := changed("a changed workspace")
	write("package c\n")
	c := changed("another change")
	write("package b\n")
	if again := changed("the first change again"); b == c || again != b {
		t.Errorf("versions %s, %s and %s of code b, c and b", b, c, again)
	}
	write("package a\n")
	if err := os.WriteFile(filepath.Join(repository, "new.go"), []byte("package a\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if changed("a new file") == b {
		t.Error("a new file has the version of another change")
	}
}

// noText is the hash in the version of a folder without source files.
const noText = "01ba4719c80b"

// TestCodeVersion: a test binary is of no commit, so that its version is its hash.
func TestCodeVersion(t *testing.T) {
	if got := CodeVersion(); !strings.HasPrefix(got, "unknown+") || len(got) != len("unknown+")+hashDigits {
		t.Errorf("version %q", got)
	}
}

func TestShortVersion(t *testing.T) {
	commit := strings.Repeat("0123456789", 4)
	for version, want := range map[string]string{
		commit: "012345678901", commit + "-dirty+abc": "012345678901-dirty+abc", "unknown+0123456789ab": "unknown+0123456789ab", "v1.2.3": "v1.2.3",
	} {
		if got := ShortVersion(version); got != want {
			t.Errorf("ShortVersion(%q) = %q, want %q", version, got, want)
		}
	}
}

func TestCheckout(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(checkout(), "go.mod"))
	if err != nil || !strings.HasPrefix(string(text), "module "+module+"\n") {
		t.Errorf("go.mod of %q: %q, %v", checkout(), text, err)
	}
}
