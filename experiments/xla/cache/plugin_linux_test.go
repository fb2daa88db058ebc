//go:build cgo

package cache

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gomlx/go-xla/pjrt"

	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/xla/forward"
	"github.com/reciprocalnorm/rn/experiments/xla/inplace"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
)

// childEnv makes the test binary a program that computes with the cache in the folder that it names.
const childEnv = "RN_TEST_XLA_CACHE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// report is the output of such a program.
type report struct {
	Numbers []uint32 // bits of the results
	Stats   Stats
}

func child(dir string) error {
	cache, err := New(Config{Dir: dir, MinCompile: -1})
	if err != nil {
		return err
	}
	path, err := pluginPath()
	if err != nil {
		return err
	}
	if err := register(path, cache); err != nil {
		return err
	}
	client, err := newClient(path)
	if err != nil {
		return err
	}
	var r report
	for _, name := range []string{"a", "b"} {
		numbers, err := compute(client, source(name, "tanh"))
		if err != nil {
			return err
		}
		r.Numbers = append(r.Numbers, numbers...)
	}
	r.Stats = cache.Stats()
	return json.NewEncoder(os.Stdout).Encode(r)
}

// opened returns the flags when the plugin was opened.
var opened = sync.OnceValue(xlaflags.Text)

// register has a plugin use a cache, or none, as package platform does.
func register(path string, cache *Cache) error {
	plugin, err := forward.Open(path)
	if err != nil {
		return err
	}
	hooks := forward.Hooks{Rewrite: inplace.Alias}
	if cache != nil {
		digest, err := cache.Digest(path)
		if err != nil {
			return err
		}
		from := Plugin{Digest: digest, Version: plugin.Version(), Flags: opened()}
		hooks.Compile = func(c *forward.Compilation) { cache.Compile(from, c) }
	}
	return plugin.Register(path, hooks)
}

// pluginPath finds XLA's CPU plugin in the folders of this module and of go-xla.
func pluginPath() (string, error) {
	folders := filepath.SplitList(os.Getenv(pjrt.PJRTPluginPathsEnv))
	if dir, err := fetch.CacheDir(); err == nil {
		folders = append(folders, filepath.Join(dir, "pjrt"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		folders = append(folders, filepath.Join(home, ".local", "lib", "go-xla"))
	}
	for _, dir := range folders {
		if found, err := filepath.Glob(filepath.Join(dir, "pjrt_c_api_cpu_*plugin.so")); err == nil && len(found) > 0 {
			return filepath.Abs(found[0])
		}
	}
	return "", fmt.Errorf("no CPU plugin in %q", folders)
}

// needPlugin returns the path of the plugin, or skips the test if there is none.
func needPlugin(t testing.TB) string {
	t.Helper()
	path, err := pluginPath()
	if err != nil {
		t.Skip(err)
	}
	return path
}

func newClient(name string) (*pjrt.Client, error) {
	plugin, err := pjrt.GetPlugin(name)
	if err != nil {
		return nil, err
	}
	return plugin.NewClient(nil)
}

// size is the number of rows and columns of the matrices that these programs compute with.
const size = 24

// source returns the program f(x·x + x) of a matrix x, with a random name as GoMLX gives the variables of metrics.
func source(random, f string) string {
	uuid := fmt.Sprintf("%s0000000_97a1_4d3c_9f40_0123456789ab", random)
	m := fmt.Sprintf("tensor<%dx%dxf32>", size, size)
	return fmt.Sprintf(`module @m {
  func.func @main(%%x_uuid_%[1]s: %[2]s) -> %[2]s {
    %%0 = stablehlo.dot_general %%x_uuid_%[1]s, %%x_uuid_%[1]s, contracting_dims = [1] x [0] : (%[2]s, %[2]s) -> %[2]s
    %%1 = stablehlo.add %%0, %%x_uuid_%[1]s : %[2]s
    %%2 = stablehlo.%[3]s %%1 : %[2]s
    return %%2 : %[2]s
  }
}`, uuid, m, f)
}

// compute compiles and runs a program, and returns the bits of its result.
func compute(client *pjrt.Client, source string) ([]uint32, error) {
	executable, err := client.Compile().WithStableHLO([]byte(source)).Done()
	if err != nil {
		return nil, err
	}
	x := make([]float32, size*size)
	for i := range x {
		x[i] = float32(i*i%101)/101 - 0.4
	}
	input, err := pjrt.ArrayToBuffer(client, x, size, size)
	if err != nil {
		return nil, err
	}
	outputs, err := executable.Execute(input).DonateNone().Done()
	if err != nil {
		return nil, err
	}
	result := make([]byte, 4*len(x))
	if err := outputs[0].ToHost(result); err != nil {
		return nil, err
	}
	bits := make([]uint32, len(x))
	for i := range bits {
		bits[i] = uint32(result[4*i]) | uint32(result[4*i+1])<<8 | uint32(result[4*i+2])<<16 | uint32(result[4*i+3])<<24
	}
	return bits, errors.Join(outputs[0].Destroy(), input.Destroy(), executable.Destroy())
}

// reference returns what the programs compute without a cache.
var reference = sync.OnceValues(func() ([]uint32, error) {
	path, err := pluginPath()
	if err != nil {
		return nil, err
	}
	client, err := newClient("/." + path) // Under another name go-xla opens the plugin by itself.
	if err != nil {
		return nil, err
	}
	defer client.Destroy()
	return compute(client, source("c", "tanh"))
})

// run runs several programs on one folder at once.
func run(t *testing.T, dir string, programs int) []report {
	t.Helper()
	reports := make([]report, programs)
	var wait sync.WaitGroup
	for i := range reports {
		wait.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), childEnv+"="+dir)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err == nil {
				err = json.Unmarshal(out, &reports[i])
			}
			if err != nil || bytes.Contains(stderr.Bytes(), []byte("XLA cache")) { // a warning
				t.Errorf("program %d: %v\n%s", i, err, stderr.Bytes())
			}
		})
	}
	wait.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return reports
}

// TestProcesses: the second process loads what the first one compiled, and three at once do no harm.
func TestProcesses(t *testing.T) {
	needPlugin(t)
	want, err := reference()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "xla")
	check := func(r report) {
		t.Helper()
		if !slices.Equal(r.Numbers, append(slices.Clone(want), want...)) {
			t.Error("the numbers differ")
		}
		if r.Stats.Failed != 0 || r.Stats.Hits+r.Stats.Misses != 2 {
			t.Errorf("stats are %+v", r.Stats)
		}
	}
	for _, r := range run(t, dir, 3) {
		check(r)
		if r.Stats.Hits < 1 { // The two programs of a process differ in a random name only.
			t.Errorf("stats are %+v", r.Stats)
		}
	}
	after := run(t, dir, 1)[0]
	check(after)
	if after.Stats.Hits != 2 || after.Stats.Stored != 0 {
		t.Errorf("stats of the last process are %+v, want 2 hits", after.Stats)
	}
	cache, _ := newCache(t, Config{Dir: dir})
	if entries, _, err := cache.Usage(); entries != 2 || err != nil { // An executable, and the digest of the plugin.
		t.Errorf("there are %d entries, %v", entries, err)
	}
}

// open registers the plugin with a cache, or none, and returns a client of it.
func open(t testing.TB, cache *Cache) *pjrt.Client {
	t.Helper()
	path := needPlugin(t)
	if err := register(path, cache); err != nil {
		t.Fatal(err)
	}
	client, err := newClient(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Destroy(); err != nil {
			t.Error(err)
		}
	})
	return client
}

// wantComputed compiles and runs a program, and compares its numbers with those without a cache.
func wantComputed(t *testing.T, client *pjrt.Client, random string) {
	t.Helper()
	want, err := reference()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := compute(client, source(random, "tanh")); err != nil || !slices.Equal(got, want) {
		t.Errorf("the numbers are %v, %v, want %v", got, err, want)
	}
}

// executables returns the paths of the entries, except for the plugin's digest, which is the smallest.
func executables(t *testing.T, cache *Cache) []string {
	t.Helper()
	files, err := cache.files(isEntry)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range files {
		if f.size > int64(headerSize)+32 {
			paths = append(paths, f.path)
		}
	}
	return paths
}

// TestBadEntries: a program whose entry is damaged, or whole but refused by the plugin, is compiled again, and the new
// entry takes the place of the old one.
func TestBadEntries(t *testing.T) {
	for name, bad := range map[string]func(k key, whole []byte) []byte{
		"cut":     func(_ key, whole []byte) []byte { return whole[:len(whole)/2] },
		"changed": func(_ key, whole []byte) []byte { whole[len(whole)/2] ^= 1; return whole },
		"empty":   func(key, []byte) []byte { return nil },
		"no executable": func(k key, _ []byte) []byte {
			return append(header(k, []byte("no executable")), "no executable"...)
		},
		"nothing": func(k key, _ []byte) []byte { return header(k, nil) },
	} {
		cache, warnings := newCache(t, Config{})
		client := open(t, cache)
		wantComputed(t, client, "a")
		path := executables(t, cache)[0]
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		k := key(whole[len(magic)+4:])
		if err := os.WriteFile(path, bad(k, slices.Clone(whole)), 0o600); err != nil {
			t.Fatal(err)
		}
		wantComputed(t, client, "b")
		if stats := cache.Stats(); stats.Hits != 0 || stats.Misses != 2 || stats.Stored != 2 || stats.Failed != 1 {
			t.Errorf("%s: stats are %+v", name, stats)
		}
		wantWarning(t, warnings, "compiled again")
		wantComputed(t, client, "c")
		if stats := cache.Stats(); stats.Hits != 1 {
			t.Errorf("%s: it was not replaced: %+v", name, stats)
		}
	}
}

// TestKeyOfMachine: other flags and other numbers of threads make other entries; dumps go past the cache.
func TestKeyOfMachine(t *testing.T) {
	cache, warnings := newCache(t, Config{})
	client := open(t, cache)
	wantComputed(t, client, "a")
	for i, env := range []struct {
		name, value string
		misses      int
	}{
		{xlaflags.Env, os.Getenv(xlaflags.Env) + " --xla_cpu_enable_fast_math=false", 2},
		{"NPROC", "3", 3},
		{xlaflags.Env, os.Getenv(xlaflags.Env) + " --xla_dump_to=" + t.TempDir(), 3}, // Neither hit nor miss.
	} {
		t.Setenv(env.name, env.value)
		wantComputed(t, client, "b")
		if stats := cache.Stats(); stats.Hits != 0 || stats.Misses != env.misses {
			t.Errorf("case %d: stats are %+v, want %d misses", i, stats, env.misses)
		}
	}
	wantWarning(t, warnings, "")
}

// TestRegisterOff: a plugin that is registered without its cache leaves it alone, and uses it again after another call.
func TestRegisterOff(t *testing.T) {
	cache, _ := newCache(t, Config{})
	client := open(t, cache)
	wantComputed(t, client, "a")
	open(t, nil)
	before := cache.Stats()
	wantComputed(t, client, "b")
	if stats := cache.Stats(); stats != before {
		t.Errorf("stats went from %+v to %+v", before, stats)
	}
	open(t, cache)
	wantComputed(t, client, "c")
	if stats := cache.Stats(); stats.Hits != 1 {
		t.Errorf("stats are %+v, want a hit", stats)
	}
}

// TestInPlace: a program writes over a variable that the caller donates, and leaves other variables alone: when it was
// compiled, when it was loaded, and without a cache.
func TestInPlace(t *testing.T) {
	const update = `module @update {
  func.func @main(%arg0: tensor<4xf32>, %_w: tensor<4xf32>) -> tensor<4xf32> {
    %0 = "stablehlo.add"(%_w, %arg0) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    "stablehlo.return"(%0) : (tensor<4xf32>) -> ()
  }
}
`
	cache, _ := newCache(t, Config{})
	for _, c := range []*Cache{cache, cache, nil} {
		client := open(t, c)
		executable, err := client.Compile().WithStableHLO([]byte(update)).Done()
		if err != nil {
			t.Fatal(err)
		}
		if got := executable.OnDeviceMemoryUsageStats.Aliases; got != 16 {
			t.Errorf("%d bytes are updated in place, want 16", got)
		}
		read := func(b *pjrt.Buffer) []byte {
			bytes := make([]byte, 16)
			if err := b.ToHost(bytes); err != nil {
				t.Fatal(err)
			}
			return bytes
		}
		buffer := func(values ...float32) *pjrt.Buffer {
			b, err := pjrt.ArrayToBuffer(client, values, 4)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		x, w := buffer(1, 2, 3, 4), buffer(10, 20, 30, 40)
		before, want := read(w), read(buffer(11, 22, 33, 44))
		for _, given := range []bool{false, true} {
			outputs, err := executable.Execute(x, w).SetDonate([]bool{false, given}).Done()
			if err != nil {
				t.Fatal(err)
			}
			if got := read(outputs[0]); !bytes.Equal(got, want) {
				t.Errorf("donated: %v: result is % x, want % x", given, got, want)
			}
			if !given && !bytes.Equal(read(w), before) {
				t.Error("a variable that was not donated has changed")
			}
		}
	}
	if stats := cache.Stats(); stats.Hits != 1 || stats.Misses != 1 {
		t.Errorf("stats are %+v, want one compiled and one loaded", stats)
	}
}

func TestMinCompile(t *testing.T) {
	cache, _ := newCache(t, Config{})
	cache.MinCompile = 1 << 62
	client := open(t, cache)
	wantComputed(t, client, "a")
	if stats := cache.Stats(); stats.Misses != 1 || stats.Stored != 0 || executables(t, cache) != nil {
		t.Errorf("a short compilation was kept: %+v", stats)
	}
}

// TestErrors: the compiler's error about a wrong program reaches the caller, and nothing is kept.
func TestErrors(t *testing.T) {
	cache, warnings := newCache(t, Config{})
	client := open(t, cache)
	if _, err := compute(client, source("a", "no_such_operation")); err == nil {
		t.Error("a wrong program compiles")
	}
	if stats := cache.Stats(); stats != (Stats{}) || executables(t, cache) != nil {
		t.Errorf("stats are %+v", stats)
	}
	wantWarning(t, warnings, "")
}

// TestConcurrent compiles the same and different programs at the same time.
func TestConcurrent(t *testing.T) {
	cache, warnings := newCache(t, Config{})
	client := open(t, cache)
	if _, err := reference(); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			wantComputed(t, client, string("abcdef01"[i]))
			if _, err := compute(client, source("a", []string{"sine", "cosine", "abs", "negate"}[i%4])); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if stats := cache.Stats(); stats.Hits+stats.Misses != 16 || stats.Failed != 0 {
		t.Errorf("stats are %+v", stats)
	}
	if got := len(executables(t, cache)); got != 5 {
		t.Errorf("there are %d entries, want 5", got)
	}
	wantWarning(t, warnings, "")
}

// TestSPMD: a program for two devices runs on both, compiled and loaded.
func TestSPMD(t *testing.T) {
	cache, warnings := newCache(t, Config{})
	client := open(t, cache)
	if client.NumDevices() < 2 {
		t.Skip("the plugin has one device")
	}
	const allReduce = `module @sum attributes {stablehlo.num_replicas = 2} {
  func.func @main(%x: tensor<3xf32>) -> tensor<3xf32> {
    %1 = "stablehlo.all_reduce"(%x) ({
      ^computation(%a: tensor<f32>, %b: tensor<f32>):
        %0 = stablehlo.add %a, %b : tensor<f32>
        stablehlo.return %0 : tensor<f32>
    }) {replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>} : (tensor<3xf32>) -> tensor<3xf32>
    return %1 : tensor<3xf32>
  }
}`
	for range 2 {
		executable, err := client.Compile().WithStableHLO([]byte(allReduce)).WithSPMD(2).Done()
		if err != nil {
			t.Fatal(err)
		}
		var inputs []*pjrt.Buffer
		for device := range 2 {
			values := []float32{float32(device), 2, 3}
			input, err := client.BufferFromHost().ToDeviceNum(device).FromFlatDataWithDimensions(values, []int{3}).Done()
			if err != nil {
				t.Fatal(err)
			}
			inputs = append(inputs, input)
		}
		outputs, err := executable.Execute(inputs...).DonateNone().Done()
		if err != nil || len(outputs) != 2 {
			t.Fatalf("%d outputs, %v", len(outputs), err)
		}
		for _, output := range outputs {
			got, _, err := pjrt.BufferToArray[float32](output)
			if err != nil || !slices.Equal(got, []float32{1, 4, 6}) {
				t.Errorf("sum is %v, %v", got, err)
			}
		}
	}
	if stats := cache.Stats(); stats.Hits != 1 || stats.Misses != 1 {
		t.Errorf("stats are %+v", stats)
	}
	wantWarning(t, warnings, "")
}

// TestDigest: the digest follows the content of the file, also when it comes from the cache.
func TestDigest(t *testing.T) {
	cache, _ := newCache(t, Config{})
	path := filepath.Join(t.TempDir(), "plugin.so")
	digests := map[string]bool{}
	for i, content := range []string{"one", "two"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if written := time.Now().Add(time.Duration(i) * time.Second); os.Chtimes(path, written, written) != nil {
			t.Fatal("the file's time cannot be set")
		}
		first, err := cache.Digest(path)
		if err != nil {
			t.Fatal(err)
		}
		second, err := cache.Digest(path)
		if err != nil || second != first || len(first) != 64 {
			t.Errorf("digest is %q, then %q, %v", first, second, err)
		}
		digests[first] = true
	}
	if len(digests) != 2 {
		t.Error("two contents have the same digest")
	}
	off, warnings := newCache(t, Config{})
	if digest, err := off.Digest(path + ".none"); err == nil {
		t.Errorf("without the file, the digest is %q", digest)
	}
	wantWarning(t, warnings, "switched off")
	if off.write(key{1}, nil) {
		t.Error("a cache without the plugin's digest is used")
	}
}

// BenchmarkCompile measures how long it takes to compile, and to load, a small program.
func BenchmarkCompile(b *testing.B) {
	for _, name := range []string{"compiled", "loaded"} {
		b.Run(name, func(b *testing.B) {
			cache, _ := newCache(b, Config{})
			client := open(b, cache)
			if name == "compiled" {
				client = open(b, nil)
			} else if _, err := compute(client, source("a", "tanh")); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				executable, err := client.Compile().WithStableHLO([]byte(source("a", "tanh"))).Done()
				if err != nil {
					b.Fatal(err)
				}
				if err := executable.Destroy(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
