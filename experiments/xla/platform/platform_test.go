package platform

import (
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/pjrt"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/internal/errortest"
)

// isolate gives the test an empty cache folder and home, no GPU, and an environment without settings.
func isolate(t *testing.T) (cache string) {
	t.Helper()
	cache = t.TempDir()
	if err := os.Chmod(cache, 0o755); err != nil { // whatever the umask
		t.Fatal(err)
	}
	t.Setenv(fetch.CacheEnv, cache)
	t.Setenv("HOME", t.TempDir())
	for _, env := range []string{pjrt.PJRTPluginPathsEnv, "LD_LIBRARY_PATH", compute.ConfigEnvVar} {
		t.Setenv(env, "")
	}
	setGPU(t, false)
	return cache
}

// setGPU makes the machine have a GPU, or none, until the test ends.
func setGPU(t *testing.T, present bool) {
	t.Helper()
	old := hasGPU
	hasGPU = func() bool { return present }
	t.Cleanup(func() { hasGPU = old })
}

// library returns the headers of a shared library for a machine, with symbols that it defines or, for names that begin
// with "!", that it needs: enough for checkLibrary.
func library(machine elf.Machine, symbols ...string) []byte {
	put := binary.LittleEndian
	names := []byte{0}
	table := make([]byte, 24) // Symbol 0 is empty.
	for _, name := range symbols {
		name, undefined := strings.CutPrefix(name, "!")
		symbol := make([]byte, 24)
		put.PutUint32(symbol, uint32(len(names)))
		symbol[4] = elf.ST_INFO(elf.STB_GLOBAL, elf.STT_FUNC)
		if !undefined {
			put.PutUint16(symbol[6:], 1)
		}
		table, names = append(table, symbol...), append(append(names, name...), 0)
	}
	const header, section, sections = 64, 64, 3
	data := make([]byte, header+sections*section)
	copy(data, elf.ELFMAG)
	data[elf.EI_CLASS], data[elf.EI_DATA], data[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)
	put.PutUint16(data[16:], uint16(elf.ET_DYN))
	put.PutUint16(data[18:], uint16(machine))
	put.PutUint32(data[20:], uint32(elf.EV_CURRENT))
	put.PutUint64(data[40:], header) // Where the section headers begin.
	put.PutUint16(data[52:], header)
	put.PutUint16(data[54:], 56) // Size of a program header.
	put.PutUint16(data[58:], section)
	put.PutUint16(data[60:], sections)
	put.PutUint16(data[62:], 2) // Sections take their names, all "", from the names of symbols.
	for i, s := range []struct {
		kind    elf.SectionType
		content []byte
		link    uint32
		each    uint64
	}{{elf.SHT_DYNSYM, table, 2, 24}, {elf.SHT_STRTAB, names, 0, 0}} {
		at := data[header+(i+1)*section:]
		put.PutUint32(at[4:], uint32(s.kind))
		put.PutUint64(at[24:], uint64(len(data)))
		put.PutUint64(at[32:], uint64(len(s.content)))
		put.PutUint32(at[40:], s.link)
		put.PutUint64(at[56:], s.each)
		data = append(data, s.content...)
	}
	return data
}

// plugin returns the headers of a PJRT plugin for this machine.
func plugin() []byte { return library(elfMachines[runtime.GOARCH], "malloc", entryPoint) }

// write writes a file and the folders above it, for others to read, and returns the file's path.
func write(t *testing.T, data []byte, path ...string) string {
	t.Helper()
	name := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// wantError fails the test unless err is one line that contains every part.
var wantError = errortest.OneLine

func TestNewErrors(t *testing.T) {
	this := elfMachines[runtime.GOARCH]
	other := elf.EM_S390
	for _, test := range []struct {
		name, config, env string
		cpu, cuda         []byte // content of the plugins' files; nil: no file
		gpu               bool
		want              []string
	}{
		{name: "unknown", config: "tensorflow:cpu", want: []string{`"tensorflow:cpu"`, "xla:cpu"}},
		{name: "unknown in the environment", env: "tensorflow", want: []string{`"tensorflow"`, "(from $GOMLX_BACKEND)"}},
		{name: "option of go", config: "go:fast", want: []string{`"go:fast"`, `"fast"`}},
		{name: "no plugin", config: "", want: []string{`no XLA plugin for "cpu"`, "rn setup"}},
		{name: "no plugin, but a GPU", config: "xla", gpu: true, want: []string{`no XLA plugin for "cpu"`}},
		{name: "no such plugin", config: "xla:tpu", cpu: plugin(), want: []string{`"tpu"`, "available are xla:cpu"}},
		{name: "no such file", config: "xla:/none/pjrt_c_api_cpu_plugin.so", want: []string{"/none/pjrt_c_api_cpu_plugin.so", "no such"}},
		{name: "no CUDA plugin", config: "xla:cuda", gpu: true, cpu: plugin(), want: []string{"no CUDA plugin", "PJRT_PLUGIN_LIBRARY_PATH"}},
		{name: "no GPU", config: "xla:cuda,tf32=false", cuda: plugin(), want: []string{"no NVIDIA GPU"}},
		{name: "damaged CUDA plugin", config: "xla:cuda", gpu: true, cuda: plugin()[:40], want: []string{"damaged", "rn setup --plugin cuda"}},
		{name: "empty", config: "xla:cpu", cpu: []byte{}, want: []string{"pjrt_c_api_cpu_plugin.so", "rn setup"}},
		{name: "no library", config: "xla:cpu", cpu: []byte("<html>not found</html>"), want: []string{"damaged", "rn setup"}},
		{name: "cut short", config: "xla:cpu", cpu: plugin()[:40], want: []string{"damaged"}},
		{name: "other machine", config: "xla:cpu", cpu: library(other, entryPoint), want: []string{"EM_S390", this.String()}},
		{name: "no entry point", config: "xla:cpu", cpu: library(this, "malloc"), want: []string{"does not export GetPjrtApi", "rn setup"}},
		{name: "no symbols", config: "xla:cpu", cpu: library(this), want: []string{"does not export GetPjrtApi"}},
		{name: "needs the entry point", config: "xla:cpu", cpu: library(this, "!"+entryPoint), want: []string{"does not export GetPjrtApi"}},
		{name: "nothing in it", config: "xla:cpu", cpu: plugin(), want: []string{"xla:cpu with", "pjrt_c_api_cpu_plugin.so"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if runtime.GOOS != "linux" && test.cpu != nil {
				t.Skip("plugins are looked into on Linux only")
			}
			cache := isolate(t)
			setGPU(t, test.gpu)
			t.Setenv(compute.ConfigEnvVar, test.env)
			if test.cpu != nil {
				write(t, test.cpu, cache, "pjrt", "pjrt_c_api_cpu_plugin.so")
			}
			if test.cuda != nil {
				write(t, test.cuda, cache, "pjrt", "pjrt_c_api_cuda_plugin.so")
			}
			_, err := New(test.config)
			wantError(t, err, test.want...)
		})
	}
}

func TestNewGo(t *testing.T) {
	isolate(t)
	for _, config := range []string{"go", "go:parallelism=1"} {
		t.Setenv(compute.ConfigEnvVar, config)
		backend, err := New("")
		if err != nil {
			t.Fatal(err)
		}
		checkSum(t, backend)
		info := Describe(backend)
		if info.Backend != "go" || info.Devices != 1 || info.Device == "" || info.Plugin != "" {
			t.Errorf("Describe = %+v", info)
		}
		backend.Finalize()
	}
}

// cachedPlugin returns the path of the CPU plugin on this machine, or skips the test.
func cachedPlugin(t *testing.T) string {
	t.Helper()
	path, err := findPlugin(cpu)
	if err != nil {
		t.Skipf("%v", err)
	}
	return path
}

// checkSum fails the test unless the backend adds correctly.
func checkSum(t *testing.T, backend compute.Backend) {
	t.Helper()
	got, err := graph.CallOnce(backend, func(x *graph.Node) *graph.Node { return graph.ReduceAllSum(graph.Square(x)) }, []float32{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	if sum := tensors.ToScalar[float32](got); sum != 14 {
		t.Errorf("1 + 4 + 9 = %v", sum)
	}
}

// TestNewXLA loads the plugin from its own folder and from folders whose names mislead go-xla.
func TestNewXLA(t *testing.T) {
	path := cachedPlugin(t)
	cache := isolate(t)
	for _, folder := range []string{"plain", "gonb-cuda", "NVIDIA cpu"} {
		dir := filepath.Join(cache, folder)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		linked := filepath.Join(dir, filepath.Base(path))
		if err := os.Symlink(path, linked); err != nil {
			t.Skipf("no links here: %v", err)
		}
		for range 2 { // The second time, the plugin is loaded already.
			t.Setenv(pjrt.PJRTPluginPathsEnv, dir)
			backend, err := New("xla:cpu,shared_buffers")
			if err != nil {
				t.Fatal(err)
			}
			if cudaOnly := compute.OpTypeFusedScaledDotProductAttention; backend.Capabilities().Operations[cudaOnly] {
				t.Errorf("the CPU plugin in %q passes for CUDA's", folder)
			}
			checkSum(t, backend)
			info := Describe(backend)
			if info.Backend != "xla" || info.Plugin != cpu || info.PluginPath != linked || info.Devices < 1 || !strings.Contains(info.PluginVersion, ".") {
				t.Errorf("Describe = %+v", info)
			}
			backend.Finalize()
			if info := Describe(backend); info.Backend != "xla" || info.Devices != 0 {
				t.Errorf("Describe of a finalized backend = %+v", info)
			}
		}
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "rn-*", "plugins")); err != nil || left != nil {
		t.Errorf("links left behind: %q, %v", left, err)
	}
	backend, err := New("xla:" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	checkSum(t, backend)
	_, err = New("xla:cpu,warp=9")
	wantError(t, err, "warp")
}
