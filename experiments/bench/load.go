package bench

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Load returns the machine's load average over a minute. busy is true above half a
// process per processor: a measurement then shares the processors. Load returns 0
// if the system does not report a load average.
func Load() (average float64, busy bool) {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, false
	}
	if _, err := fmt.Fscan(strings.NewReader(string(text)), &average); err != nil {
		return 0, false
	}
	return average, average > float64(runtime.NumCPU())/2
}
