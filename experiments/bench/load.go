package bench

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Load is the machine's load average over a minute, and whether it is above half
// a process a processor, so that what is measured shares them; 0 where the system
// does not tell.
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
