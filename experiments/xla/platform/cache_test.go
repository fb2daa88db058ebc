package platform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/go-xla/pjrt"

	"github.com/reciprocalnorm/rn/experiments/xla/cache"
)

func TestXLACache(t *testing.T) {
	dir := isolate(t)
	for setting, want := range map[string]int64{
		"": cache.DefaultMaxBytes, "500MB": 5e8, "8GiB": 8 << 30, "1.5GB": 1.5e9, "2MiB": 2 << 20,
		"off": 0, "on": -1, "500": -1, "MB": -1, "0MB": -1, "-1MB": -1, "NaNMB": -1, "1e300GB": -1,
	} {
		t.Setenv(XLACacheEnv, setting)
		cache, err := XLACache()
		switch {
		case want < 0:
			wantError(t, err, XLACacheEnv, setting, "8GiB", "off")
		case err != nil:
			t.Errorf("%q: %v", setting, err)
		case want == 0:
			if cache != nil {
				t.Errorf("%q is %+v", setting, cache.Config)
			}
		case cache.MaxBytes != want || cache.Dir != filepath.Join(dir, "xla"):
			t.Errorf("%q is %+v, want %d bytes", setting, cache.Config, want)
		default:
			if again, _ := XLACache(); again != cache {
				t.Errorf("%q makes another cache when it is asked again", setting)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "xla")); err == nil {
		t.Error("XLACache makes the folder")
	}
}

// linkedPlugin isolates the test, with a link to the CPU plugin in a folder of its own, or skips it.
func linkedPlugin(t *testing.T) (cache string) {
	t.Helper()
	path := cachedPlugin(t)
	cache = isolate(t)
	dir := t.TempDir()
	if err := os.Symlink(path, filepath.Join(dir, "pjrt_c_api_cpu_plugin.so")); err != nil {
		t.Skipf("no links here: %v", err)
	}
	t.Setenv(pjrt.PJRTPluginPathsEnv, dir)
	t.Setenv(XLACacheEnv, "")
	return cache
}

// TestNewCache: a backend uses the cache unless it is off, whatever earlier backends did.
func TestNewCache(t *testing.T) {
	linkedPlugin(t)
	cache, err := XLACache()
	if err != nil {
		t.Fatal(err)
	}
	compiled := 0
	for _, setting := range []string{XLACacheOff, "", XLACacheOff, ""} {
		t.Setenv(XLACacheEnv, setting)
		backend, err := New("xla:cpu")
		if err != nil {
			t.Fatal(err)
		}
		checkSum(t, backend)
		backend.Finalize()
		stats := cache.Stats()
		if got := stats.Hits + stats.Misses; (got > compiled) != (setting == "") {
			t.Errorf("%q: the cache counts %d programs, %d before", setting, got, compiled)
		}
		compiled = stats.Hits + stats.Misses
	}
	t.Setenv(XLACacheEnv, "much")
	_, err = New("xla:cpu")
	wantError(t, err, XLACacheEnv, "much")
}

func TestDiagnoseCache(t *testing.T) {
	dir := filepath.Join(linkedPlugin(t), "xla")
	for _, test := range []struct {
		config, setting string
		ok              bool
		want            []string
	}{
		{"xla:cpu", "3GB", true, []string{dir, "entries", "of 3000 MB", "rm -r"}},
		{"xla:cpu", XLACacheOff, false, []string{"off"}},
		{"go", "", false, []string{"CPU plugin only"}},
	} {
		t.Setenv(XLACacheEnv, test.setting)
		check := find(t, Diagnose(t.Context(), test.config), "XLA cache")
		if check.OK != test.ok || check.Required {
			t.Errorf("check is %+v", check)
		}
		for _, part := range test.want {
			if !strings.Contains(check.Detail, part) {
				t.Errorf("check is %+v, want %q", check, part)
			}
		}
	}
	t.Setenv(XLACacheEnv, "4GB")
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	check := find(t, Diagnose(t.Context(), "xla:cpu"), "XLA cache")
	if check.OK || !strings.Contains(check.Detail, "everybody") || check.Fix != "chmod go-w "+dir {
		t.Errorf("check of a folder that everybody can write is %+v", check)
	}
}

// TestSetXLACache: the program's setting wins over the user's until the program takes it back.
func TestSetXLACache(t *testing.T) {
	isolate(t)
	t.Cleanup(func() { SetXLACache("") })
	for _, test := range []struct {
		set, env string
		want     int64 // 0: off
	}{{"", "1GB", 1e9}, {"2GB", "1GB", 2e9}, {XLACacheOff, "1GB", 0}, {"2GB", XLACacheOff, 2e9}, {"", XLACacheOff, 0}, {"", "", cache.DefaultMaxBytes}} {
		t.Setenv(XLACacheEnv, test.env)
		SetXLACache(test.set)
		switch got, err := XLACache(); {
		case err != nil:
			t.Errorf("%+v: %v", test, err)
		case (got == nil) != (test.want == 0) || got != nil && got.MaxBytes != test.want:
			t.Errorf("%+v: the cache is %+v", test, got)
		}
		if got := os.Getenv(XLACacheEnv); got != test.env {
			t.Errorf("%+v: the variable is %q", test, got)
		}
	}
	SetXLACache("much")
	_, err := XLACache()
	wantError(t, err, "the setting of the XLA cache", "much")
}
