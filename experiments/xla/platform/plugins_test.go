package platform

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/gomlx/go-xla/pjrt"
)

func TestPluginName(t *testing.T) {
	for _, test := range []struct{ file, name, kind string }{
		{"pjrt_c_api_cpu_plugin.so", "cpu", "cpu"},
		{"/lib/pjrt_c_api_cpu_v0.114.0_plugin.so", "cpu", "cpu"},
		{"/nvidia/pjrt_c_api_cpu_plugin.dylib", "cpu", "cpu"},
		{"/cpu/pjrt_c_api_cuda_plugin.so", "cuda", "cuda"},
		{"pjrt-plugin-tpu.so", "tpu", ""},
		{"pjrt_plugin_metal.dylib", "metal", ""},
		{"xla_cuda_plugin.so", "", "cuda"},
		{"pjrt_c_api_cpu_plugin.so.partial", "", "cpu"},
		{"libc.so", "", ""},
		{"", "", ""},
	} {
		if name, kind := pluginName(test.file), kind(test.file); name != test.name || kind != test.kind {
			t.Errorf("%q is %q of kind %q, want %q of kind %q", test.file, name, kind, test.name, test.kind)
		}
	}
}

// TestFindPluginOrder fills the folders from the last one to the first and checks that each one wins over the later.
func TestFindPluginOrder(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("go-xla's folders are in other places here")
	}
	cache := isolate(t)
	system, user := t.TempDir(), t.TempDir()
	t.Setenv("LD_LIBRARY_PATH", system)
	for _, dir := range []string{
		system,
		filepath.Join(os.Getenv("HOME"), ".local", "lib", "go-xla", "nvidia"),
		filepath.Join(os.Getenv("HOME"), ".local", "lib", "go-xla"),
		filepath.Join(cache, "pjrt"),
		user,
	} {
		if dir == user {
			t.Setenv(pjrt.PJRTPluginPathsEnv, string(filepath.ListSeparator)+t.TempDir()+string(filepath.ListSeparator)+user)
		}
		for _, file := range []string{"pjrt_c_api_cpu_v0.2.0_plugin.so", "pjrt_c_api_cpu_v0.3.0_plugin.so", "pjrt_c_api_cpu_plugin.so"} {
			want := write(t, nil, dir, file)
			if got, err := findPlugin(cpu); err != nil || got != want {
				t.Errorf("plugin is %q, %v, want %q", got, err, want)
			}
		}
	}
}

func TestDefaultPlugin(t *testing.T) {
	for _, test := range []struct {
		plugin, gpu bool
		want        string
	}{{false, false, cpu}, {false, true, cpu}, {true, false, cpu}, {true, true, cuda}} {
		cache := isolate(t)
		setGPU(t, test.gpu)
		if test.plugin {
			write(t, nil, cache, "pjrt", "pjrt_c_api_cuda_plugin.so")
		}
		if got := defaultPlugin(); got != test.want {
			t.Errorf("with CUDA plugin: %v, GPU: %v: default is %q, want %q", test.plugin, test.gpu, got, test.want)
		}
	}
}

func TestGPUIn(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("CUDA is for Linux")
	}
	bin, devices := t.TempDir(), t.TempDir()
	t.Setenv("PATH", bin)
	if gpuIn(devices) {
		t.Error("a GPU was seen in an empty folder")
	}
	write(t, nil, devices, "nvidiactl")
	if !gpuIn(devices) {
		t.Error("nvidiactl was not seen")
	}
	smi := write(t, nil, bin, "nvidia-smi")
	if err := os.Chmod(smi, 0o755); err != nil {
		t.Fatal(err)
	}
	if !gpuIn(t.TempDir()) {
		t.Error("nvidia-smi was not seen")
	}
}

func TestNameFor(t *testing.T) {
	_, _, err := nameFor("/opt/cpu-node/pjrt_c_api_cuda_plugin.so")
	wantError(t, err, "/opt/cpu-node/pjrt_c_api_cuda_plugin.so", "move it")

	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "cuda"))
	write(t, nil, os.Getenv("TMPDIR"), "x")
	_, _, err = nameFor("/home/nvidia/pjrt_c_api_cpu_plugin.so")
	wantError(t, err, "/home/nvidia/pjrt_c_api_cpu_plugin.so", "$TMPDIR")

	for _, path := range []string{"/opt/nvidia/pjrt_c_api_cuda_plugin.so", "/opt/xla/pjrt_c_api_cpu_plugin.so", "/opt/xla/pjrt_c_api_tpu_plugin.so"} {
		if name, done, err := nameFor(path); err != nil || name != path {
			t.Errorf("%s was renamed to %q, %v", path, name, err)
		} else {
			done()
		}
	}
}
