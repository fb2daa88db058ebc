package platform

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// archive returns a release archive with one file in it.
func archive(t *testing.T, name string, data []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	zipped := gzip.NewWriter(&buf)
	tarred := tar.NewWriter(zipped)
	if err := tarred.WriteHeader(&tar.Header{Name: name, Mode: 0o664, Size: int64(len(data)), Typeflag: tar.TypeReg}); err != nil {
		t.Fatal(err)
	}
	if _, err := tarred.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tarred.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// serve serves one release archive on this machine.
func serve(t *testing.T, handler http.HandlerFunc) release {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return release{wait: time.Minute, assetURL: func() (string, error) { return server.URL + "/pjrt_cpu_linux.tar.gz", nil }}
}

// filesIn returns the names of the files under dir, without locks.
func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) != ".lock" {
			names = append(names, d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestReleaseInstall(t *testing.T) {
	plugin := plugin()
	r := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(archive(t, "pjrt_c_api_cpu_v0.114.0_plugin.so", plugin))
	})
	dest := filepath.Join(t.TempDir(), cpuPluginFile)
	write(t, []byte("half"), filepath.Dir(dest), ".release", "pjrt_cpu_linux.tar.gz") // Left by a killed run.
	if err := r.install(t.Context(), dest); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(dest); err != nil || !bytes.Equal(got, plugin) {
		t.Errorf("installed %d bytes, %v", len(got), err)
	}
	if info, err := os.Stat(dest); err != nil || info.Mode().Perm() != 0o644 { // The archive's group may write.
		t.Errorf("the plugin's mode is %v, %v", info.Mode(), err)
	}
	if names, want := filesIn(t, filepath.Dir(dest)), []string{cpuPluginFile, cpuPluginFile + sumSuffix}; !slices.Equal(names, want) {
		t.Errorf("the folder holds %q, want %q", names, want)
	}
	if err := verifyPlugin(dest); err != nil {
		t.Errorf("the installed plugin: %v", err)
	}
}

func TestReleaseInstallErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		r    func(t *testing.T) release
		want string
	}{
		{"not reached", func(*testing.T) release {
			return release{wait: time.Minute, assetURL: func() (string, error) { return "", errors.New("dial: no such host\nstack") }}
		}, "dial: no such host"},
		{"panics", func(*testing.T) release {
			return release{wait: time.Minute, assetURL: func() (string, error) { panic("boom") }}
		}, "boom"},
		{"no answer", func(t *testing.T) release {
			return release{wait: time.Millisecond, assetURL: func() (string, error) { <-t.Context().Done(); return "", nil }}
		}, "did not answer in 1ms"},
		{"not there", func(t *testing.T) release { return serve(t, http.NotFound) }, "404"},
		{"stalls", func(t *testing.T) release {
			r := serve(t, func(w http.ResponseWriter, request *http.Request) {
				_, _ = w.Write([]byte("start"))
				w.(http.Flusher).Flush()
				<-request.Context().Done()
			})
			r.wait = 50 * time.Millisecond
			return r
		}, "nothing arrived for 50ms"},
		{"no archive", func(t *testing.T) release {
			return serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) })
		}, "unpacking pjrt_cpu_linux.tar.gz"},
		{"no plugin", func(t *testing.T) release {
			return serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(archive(t, "README", nil)) })
		}, "pjrt_cpu_linux.tar.gz does not contain a CPU plugin"},
		{"no plugin's library", func(t *testing.T) release {
			return serve(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write(archive(t, "pjrt_c_api_cpu_plugin.so", library(elfMachines[runtime.GOARCH])))
			})
		}, "does not export GetPjrtApi"},
		{"no library", func(t *testing.T) release {
			return serve(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write(archive(t, "pjrt_c_api_cpu_plugin.so", []byte("text")))
			})
		}, "damaged"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dest := filepath.Join(t.TempDir(), cpuPluginFile)
			wantError(t, test.r(t).install(t.Context(), dest), test.want)
			if names := filesIn(t, filepath.Dir(dest)); names != nil {
				t.Errorf("left behind: %q", names)
			}
		})
	}
}

func TestReleaseInstallCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := serve(t, func(w http.ResponseWriter, request *http.Request) {
		cancel()
		<-request.Context().Done()
	})
	dest := filepath.Join(t.TempDir(), cpuPluginFile)
	if err := r.install(ctx, dest); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want %v", err, context.Canceled)
	}
	if names := filesIn(t, filepath.Dir(dest)); names != nil {
		t.Errorf("left behind: %q", names)
	}
}

// TestSetupKeeps: Setup leaves an installed plugin with the recorded sha256 alone, without asking the release page. It
// replaces any other. Here both sources fail, and the error names both.
func TestSetupKeeps(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("plugins are looked into on Linux only")
	}
	cache := isolate(t)
	old := officialRelease
	t.Cleanup(func() { officialRelease = old })
	officialRelease.assetURL = func() (string, error) { return "", errors.New("asked") }
	t.Setenv("PATH", t.TempDir()) // No pip either.

	whole := plugin()
	path := write(t, whole, cache, "pjrt", cpuPluginFile)
	if err := recordSum(path, path); err != nil {
		t.Fatal(err)
	}
	if got, err := Setup(t.Context(), nil); err != nil || got != path {
		t.Errorf("Setup = %q, %v, want %q", got, err, path)
	}
	flipped := slices.Clone(whole)
	flipped[elf.EI_NIDENT-1] ^= 1 // a byte that nothing reads
	other := library(elfMachines[runtime.GOARCH])
	for _, test := range []struct {
		name, said string
		plugin     []byte
		recorded   []byte // nil: the sha256 of the whole plugin
	}{
		{"damaged", "damaged", []byte("damaged"), nil},
		{"a flipped bit", "it was", flipped, nil},
		{"no entry point", "does not export GetPjrtApi", other, fmt.Appendf(nil, "%x", sha256.Sum256(other))},
		{"an empty record", "it was", whole, []byte{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			write(t, test.plugin, path)
			if test.recorded == nil {
				test.recorded = fmt.Appendf(nil, "%x\n", sha256.Sum256(whole))
			}
			write(t, test.recorded, path+sumSuffix)
			var progress bytes.Buffer
			_, err := Setup(t.Context(), &progress)
			wantSetupFailed(t, err)
			if !strings.Contains(progress.String(), test.said) || !strings.Contains(progress.String(), "installing it again") {
				t.Errorf("Setup said %q, want %q", &progress, test.said)
			}
			if check := find(t, Diagnose(t.Context(), "xla:cpu"), "backend"); check.OK || !strings.Contains(check.Detail, test.said) || check.Fix != "rn setup" {
				t.Errorf("check is %+v, want the damage %q", check, test.said)
			}
		})
	}
	// A plugin that an earlier version installed from the release page has no record.
	write(t, whole, path)
	if err := os.Remove(path + sumSuffix); err != nil {
		t.Fatal(err)
	}
	_, err := Setup(t.Context(), nil)
	wantSetupFailed(t, err)
	if check := find(t, Diagnose(t.Context(), "xla:cpu"), "plugin file"); check.OK || check.Required || !strings.Contains(check.Detail, "is unchecked: its sha256 is") || check.Fix != "rn setup" {
		t.Errorf("check is %+v, want an unchecked plugin", check)
	}
}

// wantSetupFailed checks the error of Setup where neither the release page nor pip answers.
func wantSetupFailed(t *testing.T, err error) {
	t.Helper()
	if runtime.GOARCH == "amd64" {
		wantError(t, err, "no python3 command", "asked", cpuWheel.String())
	} else {
		wantError(t, err, "asked", "knows no wheel")
	}
}

// TestSetupReplacesDamaged: the release page's plugin replaces a damaged one.
func TestSetupReplacesDamaged(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("plugins are looked into on Linux only")
	}
	cache := isolate(t)
	old := officialRelease
	t.Cleanup(func() { officialRelease = old })
	plugin := plugin()
	officialRelease = serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(archive(t, "pjrt_c_api_cpu_v0.114.0_plugin.so", plugin))
	})
	path := write(t, []byte("damaged"), cache, "pjrt", cpuPluginFile)
	var progress bytes.Buffer
	if got, err := Setup(t.Context(), &progress); err != nil || got != path {
		t.Fatalf("Setup = %q, %v, want %q", got, err, path)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, plugin) {
		t.Errorf("the damaged plugin was kept: %d bytes, %v", len(got), err)
	}
	if !bytes.Contains(progress.Bytes(), []byte("installed go-xla's v0.114.0")) {
		t.Errorf("progress was %q", progress.String())
	}
}
