package cache

import (
	"errors"
	"runtime"
	"testing"
)

// fake is a compilation without a plugin: the executable of a program is "compiled " and the program's text.
type fake struct {
	text                                string
	platform, compile, load, serialize  error
	loaded, compiled, serialized, freed int
	executable                          string
}

func (f *fake) Program() (string, []byte, []byte) { return mlir, []byte(f.text), nil }
func (f *fake) Platform() (string, []string, error) {
	return "fake", []string{"device"}, f.platform
}

func (f *fake) Compile() error {
	f.compiled++
	if f.compile == nil {
		f.executable = "compiled " + f.text
	}
	return f.compile
}

func (f *fake) Load(executable []byte) error {
	f.loaded++
	if f.load == nil {
		f.executable = string(executable)
	}
	return f.load
}

func (f *fake) Serialize() ([]byte, func(), error) {
	f.serialized++
	if f.serialize != nil {
		return nil, nil, f.serialize
	}
	return []byte(f.executable), func() { f.freed++ }, nil
}

// TestCompile goes through everything that a compilation can answer.
func TestCompile(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("keys need /proc/cpuinfo")
	}
	failed := errors.New("it failed")
	plugin := Plugin{Digest: "digest", Version: "0.1"}
	for _, c := range []struct {
		name    string
		first   fake // of the same program, by another process
		plugin  Plugin
		job     fake
		stats   Stats // without times
		ends    string
		warning string
	}{
		{"loads what another process compiled", fake{}, plugin, fake{}, Stats{Hits: 1}, "compiled x", ""},
		{"another plugin's entry", fake{}, Plugin{Digest: "other", Version: "0.1"}, fake{}, Stats{Misses: 1, Stored: 1}, "compiled x", ""},
		{"another version's entry", fake{}, Plugin{Digest: "digest", Version: "0.2"}, fake{}, Stats{Misses: 1, Stored: 1}, "compiled x", ""},
		{"an entry of other flags", fake{}, Plugin{Digest: "digest", Version: "0.1", Flags: "--a"}, fake{}, Stats{Misses: 1, Stored: 1}, "compiled x", ""},
		{"dumps", fake{}, Plugin{Digest: "digest", Version: "0.1", Flags: "--xla_dump_to=x"}, fake{}, Stats{}, "", ""},
		{"refused entry", fake{}, plugin, fake{load: failed}, Stats{Misses: 1, Stored: 1, Failed: 1}, "compiled x", "compiled again"},
		{"compiler's error", fake{compile: failed}, plugin, fake{compile: failed}, Stats{}, "", ""},
		{"no serialization", fake{serialize: failed}, plugin, fake{serialize: failed}, Stats{Misses: 1, Failed: 1}, "compiled x", "not kept"},
		{"unknown platform", fake{}, plugin, fake{platform: failed}, Stats{Failed: 1}, "", "it failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			other, _ := newCache(t, Config{})
			c.first.text, c.job.text = "x", "x"
			other.Compile(plugin, &c.first)
			cache, warnings := newCache(t, Config{Dir: other.Dir})
			cache.Compile(c.plugin, &c.job)
			got := cache.Stats()
			got.Loading, got.Compiling = 0, 0
			if got != c.stats || c.job.executable != c.ends {
				t.Errorf("ends with %q, %+v, want %q, %+v", c.job.executable, got, c.ends, c.stats)
			}
			wantWarning(t, warnings, c.warning)
			if c.job.serialize == nil && c.job.serialized != c.job.freed {
				t.Errorf("%d executables were serialized, %d freed", c.job.serialized, c.job.freed)
			}
		})
	}
}
