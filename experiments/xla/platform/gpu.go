package platform

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
)

// hasGPU reports whether this machine has the NVIDIA driver's files. It is cheap: it opens no device. The files do not
// prove that a GPU works; the CUDA plugin reports that.
var hasGPU = sync.OnceValue(func() bool { return gpuIn("/dev") })

// gpuIn is hasGPU with another folder for /dev.
func gpuIn(devices string) bool {
	if runtime.GOOS != "linux" { // The CUDA plugin is built for Linux only.
		return false
	}
	if found, err := filepath.Glob(filepath.Join(devices, "nvidia*")); err == nil && len(found) > 0 {
		return true
	}
	_, err := exec.LookPath("nvidia-smi") // WSL does not have the device files.
	return err == nil
}
