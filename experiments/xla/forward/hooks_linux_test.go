//go:build cgo

package forward

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gomlx/go-xla/pjrt"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// add1 is a program that adds 1 to a number.
const add1 = `module @add {
  func.func @main(%x: tensor<f32>) -> tensor<f32> {
    %0 = stablehlo.constant dense<1.0> : tensor<f32>
    %1 = stablehlo.add %x, %0 : tensor<f32>
    return %1 : tensor<f32>
  }
}`

// add2 returns add1 with 2 in place of 1.
func add2(program []byte) []byte {
	return bytes.Replace(program, []byte("dense<1.0>"), []byte("dense<2.0>"), 1)
}

// openPlugin opens the CPU plugin that rn setup installs, or skips the test.
func openPlugin(t *testing.T) (path string, p *Plugin) {
	t.Helper()
	dir, err := fetch.CacheDir()
	if err != nil {
		t.Skip(err)
	}
	path = filepath.Join(dir, "pjrt", "pjrt_c_api_cpu_plugin.so")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs XLA: %v", err)
	}
	if p, err = Open(path); err != nil {
		t.Fatal(err)
	}
	return path, p
}

// compute registers the plugin with hooks, and compiles and runs a program on the number 5.
func compute(t *testing.T, hooks Hooks, program string) (float32, error) {
	t.Helper()
	path, p := openPlugin(t)
	if err := p.Register(path, hooks); err != nil {
		t.Fatal(err)
	}
	plugin, err := pjrt.GetPlugin(path)
	if err != nil {
		t.Fatal(err)
	}
	client, err := plugin.NewClient(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Destroy()
	executable, err := client.Compile().WithStableHLO([]byte(program)).Done()
	if err != nil {
		return 0, err
	}
	defer executable.Destroy()
	input, err := pjrt.ScalarToBuffer(client, float32(5))
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := executable.Execute(input).DonateNone().Done()
	if err != nil {
		t.Fatal(err)
	}
	got, err := pjrt.BufferToScalar[float32](outputs[0])
	if err != nil {
		t.Fatal(err)
	}
	return got, nil
}

// TestHooks: each hook does what it says, and without an executable from a hook the plugin compiles.
func TestHooks(t *testing.T) {
	var kept []byte // the executable of add2
	keep := func(c *Compilation) {
		if _, _, err := c.Serialize(); err == nil {
			t.Error("an executable is serialized before it is compiled")
		}
		if err := c.Compile(); err != nil {
			t.Error(err)
		}
		executable, free, err := c.Serialize()
		if err != nil {
			t.Error(err)
			return
		}
		defer free()
		kept = bytes.Clone(executable)
		if err := c.Load(kept); err == nil {
			t.Error("a compilation ends twice")
		}
	}
	for _, test := range []struct {
		name  string
		hooks Hooks
		want  float32
	}{
		{"none", Hooks{}, 6},
		{"rewrite", Hooks{Rewrite: add2}, 7},
		{"compile", Hooks{Rewrite: add2, Compile: keep}, 7},
		{"load", Hooks{Compile: func(c *Compilation) {
			if err := c.Load(kept); err != nil {
				t.Error(err)
			}
		}}, 7},
		{"refused", Hooks{Compile: func(c *Compilation) {
			if err := c.Load([]byte("not an executable")); err == nil {
				t.Error("the plugin loads something that is not an executable")
			}
		}}, 6},
		{"nothing", Hooks{Compile: func(*Compilation) {}}, 6},
	} {
		var calls atomic.Int32
		var took time.Duration
		test.hooks.AfterCompile = func(d time.Duration) { calls.Add(1); took = d }
		if got, err := compute(t, test.hooks, add1); err != nil || got != test.want {
			t.Errorf("%s: 5 becomes %v, %v, want %v", test.name, got, err, test.want)
		}
		if calls.Load() != 1 || took <= 0 {
			t.Errorf("%s: AfterCompile was called %d times, with %v", test.name, calls.Load(), took)
		}
	}
}

// TestCompilation: a hook sees the rewritten program, the compiler's options and the platform.
func TestCompilation(t *testing.T) {
	called := false
	hook := func(c *Compilation) {
		called = true
		format, code, options := c.Program()
		if format != stableHLO || !bytes.Contains(code, []byte("dense<2.0>")) || len(options) == 0 {
			t.Errorf("the program is %q, %q, with %d bytes of options", format, code, len(options))
		}
		version, devices, err := c.Platform()
		if err != nil || version == "" || len(devices) == 0 || devices[0] == "" {
			t.Errorf("the platform is %q, %q, %v", version, devices, err)
		}
	}
	if _, err := compute(t, Hooks{Rewrite: add2, Compile: hook}, add1); err != nil || !called {
		t.Errorf("the hook was called: %v, error is %v", called, err)
	}
}

// TestCompilerError: the compiler's error reaches the hook and go-xla.
func TestCompilerError(t *testing.T) {
	var seen error
	_, err := compute(t, Hooks{Compile: func(c *Compilation) { seen = c.Compile() }}, "module @wrong { no }")
	if err == nil || seen == nil {
		t.Errorf("go-xla gets %v, the hook gets %v, want errors", err, seen)
	}
}

// TestOpen: Open refuses files that are not plugins, and returns one Plugin for all paths of a file.
func TestOpen(t *testing.T) {
	for _, path := range []string{"/none/plugin.so", os.Args[0], filepath.Join(t.TempDir(), "x")} {
		if _, err := Open(path); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: error is %v", path, err)
		}
	}
	path, first := openPlugin(t)
	link := filepath.Join(t.TempDir(), "plugin.so")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if second, err := Open(link); err != nil || second != first {
		t.Errorf("a link opens as %p, %v, want %p", second, err, first)
	}
}
