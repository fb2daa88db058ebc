package platform

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// brokenPip replaces python3 by a command that logs the requirements given to pip and fails. It returns the log's path.
func brokenPip(t *testing.T) (log string) {
	t.Helper()
	bin := t.TempDir()
	log = filepath.Join(bin, "log")
	script := fmt.Sprintf("#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = --requirement ] && while read -r line; do echo \"$line\" >> %q; done < \"$2\"; shift; done\n"+
		"echo 'no network' >&2\nexit 1\n", log)
	if err := os.Chmod(write(t, []byte(script), bin, "python3"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	return log
}

// TestSetupCUDA: SetupCUDA skips installed libraries, asks for missing ones by their pins and for the plugin last, and
// xla:cuda counts as installed only with the plugin.
func TestSetupCUDA(t *testing.T) {
	if runtime.GOOS+"/"+runtime.GOARCH != "linux/amd64" {
		isolate(t)
		_, err := SetupCUDA(t.Context(), nil)
		wantError(t, err, "knows no wheel")
		return
	}
	cache := isolate(t)
	setGPU(t, true)
	log := brokenPip(t)
	dir := filepath.Join(cache, "pjrt", "nvidia")
	for library, wheel := range cudaLibraries {
		if library != "cudnn" {
			write(t, []byte(wheel.SHA256), dir, library, ".wheel")
		}
	}
	setup := func(wheel fetch.Wheel) {
		t.Helper()
		_, err := SetupCUDA(t.Context(), nil)
		wantError(t, err, wheel.String(), "no network")
		asked, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if want := wheel.String() + " --hash=sha256:" + wheel.SHA256 + "\n"; string(asked) != want {
			t.Errorf("pip was asked for %q, want %q", asked, want)
		}
		if err := os.Remove(log); err != nil {
			t.Fatal(err)
		}
		_, err = New("xla:cuda")
		wantError(t, err, "no CUDA plugin", "rn setup --plugin cuda")
	}
	setup(cudaLibraries["cudnn"])
	write(t, []byte(cudaLibraries["cudnn"].SHA256), dir, "cudnn", ".wheel")
	setup(cudaWheel)
	for _, name := range []string{"bin", "nvvm"} { // The toolkit's layout, with the set-up made twice.
		if target, err := os.Readlink(filepath.Join(dir, name)); err != nil || target != "cuda_nvcc/"+name {
			t.Errorf("%s leads to %q, %v", name, target, err)
		}
	}

	plugin := write(t, plugin(), dir, cudaPluginFile)
	if got, err := findPlugin(cuda); err != nil || got != plugin {
		t.Errorf("plugin is %q, %v, want %q", got, err, plugin)
	}
	if name, done, err := nameFor(plugin); err != nil || name != plugin {
		t.Errorf("plugin is opened as %q, %v", name, err)
	} else {
		done()
	}
}

// TestNewCUDA: on a machine with the CUDA plugin and without a GPU, New says that no GPU is visible.
func TestNewCUDA(t *testing.T) {
	path, found := pluginIn(searchFolders(), cuda)
	switch {
	case !found:
		t.Skip("no CUDA plugin here: rn setup --plugin cuda")
	case hasGPU():
		t.Skip("there is a GPU")
	}
	isolate(t)
	_, err := New("xla:" + path)
	wantError(t, err, "no NVIDIA GPU is visible")
}

// TestCheckedPlugin: make cuda-check uses the plugin and the compiler that SetupCUDA installs.
func TestCheckedPlugin(t *testing.T) {
	requirements, err := os.ReadFile("../../../docker/gonb-cuda/requirements-check.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, wheel := range []fetch.Wheel{cudaWheel, cudaLibraries["cuda_nvcc"]} {
		_, pinned, found := strings.Cut("\n"+string(requirements), "\n"+wheel.String()+" \\\n")
		pinned, _, _ = strings.Cut(pinned, "# via")
		if !found || !strings.Contains(pinned, "--hash=sha256:"+wheel.SHA256) {
			t.Errorf("requirements-check.txt does not pin %s by sha256 %s", wheel, wheel.SHA256)
		}
	}
}
