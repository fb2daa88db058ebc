package platform

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
)

// hasGPU reports whether the NVIDIA driver shows itself here. It is cheap: it opens no device. The driver's files
// may be there without a GPU that works; the CUDA plugin says so then.
var hasGPU = sync.OnceValue(func() bool { return gpuIn("/dev") })

// gpuIn is hasGPU for a folder of devices.
func gpuIn(devices string) bool {
	if runtime.GOOS != "linux" { // The only system that the CUDA plugin is built for.
		return false
	}
	if found, err := filepath.Glob(filepath.Join(devices, "nvidia*")); err == nil && len(found) > 0 {
		return true
	}
	_, err := exec.LookPath("nvidia-smi") // WSL has no such devices.
	return err == nil
}
