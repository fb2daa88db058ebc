package bench

import (
	"runtime"
	"syscall"
)

// peakRSS returns the peak resident set of this process in bytes: ru_maxrss of
// getrusage, which macOS counts in bytes and other systems in kilobytes. On Linux
// it starts at the parent's resident set, so the parent must be small.
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
