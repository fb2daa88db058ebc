package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gomlx/go-xla/pjrt"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// cpuPluginFile is the file name by which go-xla recognizes the CPU plugin.
const cpuPluginFile = "pjrt_c_api_cpu_plugin.so"

// cpuWheel holds XLA's own CPU plugin, PJRT 0.115, Apache-2.0: for machines that reach package registries only.
var cpuWheel = fetch.Wheel{
	Project: "lammps-jax-pjrt-cpu", Version: "0.11.2", Platform: "manylinux_2_27_x86_64",
	SHA256: "1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1",
}

const (
	cpuWheelMember       = "lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so"
	cpuWheelMemberSHA256 = "ad1309ac822b1b24d51b7f9947c7c9fa9ef5d67f390584cbc3d1fa2428fed9c2"
)

// officialWait bounds the time that go-xla's release page may take to answer, and every pause of the download.
const officialWait = 10 * time.Second

// Setup makes sure that the CPU plugin is installed and returns its path. It tries go-xla's own release first, then a
// pinned wheel. It keeps an installed plugin whose sha256 is the pinned one, or the one that Setup recorded when it
// installed the plugin, without touching the network, and replaces any other. Setup writes its progress to progress,
// unless that is nil.
func Setup(ctx context.Context, progress io.Writer) (string, error) {
	dir, err := pluginDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, cpuPluginFile)
	if progress == nil {
		progress = io.Discard
	}
	installed := verifyPlugin(path)
	if installed == nil {
		_ = keepSum(path) // A read-only cache keeps no record; the pinned sha256 is enough.
		fmt.Fprintf(progress, "XLA CPU plugin: %s\n", path)
		return path, nil
	}
	if !errors.Is(installed, fs.ErrNotExist) {
		fmt.Fprintf(progress, "%v; installing it again\n", installed)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	fmt.Fprintln(progress, "XLA CPU plugin: trying go-xla's release page")
	official := officialRelease.install(ctx, path)
	if official == nil {
		fmt.Fprintf(progress, "XLA CPU plugin: installed go-xla's %s in %s\n", pjrt.DefaultCPUVersion, dir)
		return path, nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if platform := runtime.GOOS + "/" + runtime.GOARCH; platform != "linux/amd64" {
		return "", fmt.Errorf("installing the XLA CPU plugin: %w; this project knows no wheel for %s", official, platform)
	}
	fmt.Fprintf(progress, "XLA CPU plugin: the release failed (%v); fetching the wheel %s (63 MB)\n", official, cpuWheel)
	if err := cpuWheel.ExtractFile(ctx, cpuWheelMember, cpuWheelMemberSHA256, path); err != nil {
		return "", fmt.Errorf("installing the XLA CPU plugin: %w (and go-xla's release: %w)", err, official)
	}
	if err := recordSum(path, path); err != nil {
		return "", fmt.Errorf("installing the XLA CPU plugin: %w", err)
	}
	fmt.Fprintf(progress, "XLA CPU plugin: installed in %s\n", path)
	return path, nil
}
