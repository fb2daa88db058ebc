package bench

import (
	"runtime"
	"syscall"
)

// peakRSS is the most memory that this process has had in use, in bytes:
// getrusage's ru_maxrss, which counts kilobytes but on macOS. Linux starts it at
// that of the process which started this one: that one must be small.
func peakRSS() (int64, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss), nil
	}
	return int64(usage.Maxrss) << 10, nil
}
