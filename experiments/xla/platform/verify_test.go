package platform

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestVerifyPinned flips a bit in the middle of a copy of the installed plugin, whose sha256 is pinned.
func TestVerifyPinned(t *testing.T) {
	path := cachedPlugin(t)
	if runtime.GOOS != "linux" || verifyPlugin(path) != nil {
		t.Skip("this machine's plugin is not the pinned one")
	}
	isolate(t)
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	damaged := filepath.Join(t.TempDir(), filepath.Base(path))
	out, err := os.Create(damaged)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	size, err := io.Copy(out, in)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifyPlugin(damaged); err != nil {
		t.Errorf("the copy: %v", err)
	}
	if err := keepSum(damaged); err != nil {
		t.Fatal(err)
	}
	at := make([]byte, 1)
	if _, err := out.ReadAt(at, size/2); err != nil {
		t.Fatal(err)
	}
	at[0] ^= 1
	if _, err := out.WriteAt(at, size/2); err != nil {
		t.Fatal(err)
	}
	wantError(t, verifyPlugin(damaged), "is damaged: its sha256 is", "but it was "+cpuWheelMemberSHA256+" when it was installed")
	if err := os.Remove(damaged + sumSuffix); err != nil {
		t.Fatal(err)
	}
	wantError(t, verifyPlugin(damaged), "is unchecked: its sha256 is", "`rn setup` has not recorded one")
}

// TestFileCheckElsewhere: a plugin that the user has put elsewhere is not for Setup to replace.
func TestFileCheckElsewhere(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("plugins are looked into on Linux only")
	}
	isolate(t)
	path := write(t, plugin(), t.TempDir(), cpuPluginFile)
	if check := fileCheck(path, verifyPlugin(path)); !check.OK || check.Required || check.Fix != "" {
		t.Errorf("check is %+v, want no fix", check)
	}
}
