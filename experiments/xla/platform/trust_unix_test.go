//go:build unix

package platform

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestNewTrusts: New does not open a plugin in the cache folder that others can write, nor one in a folder that others
// can write, and says how to mend that. Diagnose names the same command.
func TestNewTrusts(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the empty plugin of this test is for Linux")
	}
	cache := isolate(t)
	plugin := write(t, plugin(), cache, "pjrt", cpuPluginFile)
	for _, path := range []string{plugin, filepath.Dir(plugin), cache} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, mode := range []os.FileMode{0o020, 0o002} {
			if err := os.Chmod(path, 0o755|mode); err != nil {
				t.Fatal(err)
			}
			fix := "chmod go-w " + path
			_, err := New("xla:cpu")
			wantError(t, err, "XLA plugin: "+path, "can be written", fix)
			if check := find(t, Diagnose(t.Context(), "xla:cpu"), "backend"); check.Fix != fix {
				t.Errorf("check is %+v, want the fix %q", check, fix)
			}
		}
		if err := os.Chmod(path, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() != 0 {
		return // The rest gives files away.
	}
	if err := os.Chown(plugin, 54321, 54321); err != nil {
		t.Fatal(err)
	}
	_, err := New("xla:cpu")
	wantError(t, err, plugin, "belongs to user 54321", "chown 0 "+plugin)
}

// TestCheckTrusted: links into the cache folder count, plugins elsewhere do not, and the CUDA plugin counts with its
// libraries.
func TestCheckTrusted(t *testing.T) {
	cache := isolate(t)
	plugin := write(t, nil, cache, "pjrt", cpuPluginFile)
	cuda := write(t, nil, cache, "pjrt", cudaDir, cudaPluginFile)
	cudnn := write(t, nil, cache, "pjrt", cudaDir, "cudnn", "lib", "libcudnn.so.9")
	elsewhere := write(t, nil, t.TempDir(), cpuPluginFile)
	link := filepath.Join(t.TempDir(), "plugin.so")
	if err := os.Symlink(plugin, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{plugin, cuda, cudnn} {
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{plugin, cuda, elsewhere, link} {
		if err := checkTrusted(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, path := range []string{plugin, cudnn, elsewhere} {
		if err := os.Chmod(path, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, checkTrusted(plugin), plugin)
	wantError(t, checkTrusted(link), plugin)
	wantError(t, checkTrusted(cuda), cudnn)
	if err := checkTrusted(elsewhere); err != nil {
		t.Errorf("a plugin outside the cache folder: %v", err)
	}
}
