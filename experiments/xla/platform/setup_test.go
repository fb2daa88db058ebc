package platform

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
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
	plugin := library(elfMachines[runtime.GOARCH])
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
	if names := filesIn(t, filepath.Dir(dest)); len(names) != 1 {
		t.Errorf("left behind: %q", names)
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

// TestSetupKeeps: Setup leaves an installed plugin alone, without asking the release page.
func TestSetupKeeps(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("plugins are looked into on Linux only")
	}
	cache := isolate(t)
	old := officialRelease
	t.Cleanup(func() { officialRelease = old })
	officialRelease.assetURL = func() (string, error) { return "", errors.New("asked") }
	t.Setenv("PATH", t.TempDir()) // No pip either.

	want := write(t, library(elfMachines[runtime.GOARCH]), cache, "pjrt", cpuPluginFile)
	if got, err := Setup(t.Context(), nil); err != nil || got != want {
		t.Errorf("Setup = %q, %v, want %q", got, err, want)
	}
	// It replaces a damaged plugin. Here both sources fail, and the error names both.
	write(t, []byte("damaged"), want)
	_, err := Setup(t.Context(), nil)
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
	plugin := library(elfMachines[runtime.GOARCH])
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
