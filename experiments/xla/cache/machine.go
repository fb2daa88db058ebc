package cache

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// identifying are the lines of /proc/cpuinfo that name a processor and its features, on all of Linux's architectures. The
// other lines change over time or differ between cores.
var identifying = []string{
	"vendor_id", "cpu family", "model", "model name", "stepping", "flags", // x86
	"CPU implementer", "CPU architecture", "CPU variant", "CPU part", "CPU revision", "Features", // ARM
	"isa", "uarch", "cpu", "revision", "features", // RISC-V, POWER, Z
}

// processor returns the processor's name and features: /proc/cpuinfo and, on x86, what the CPUID instruction returns,
// which is what XLA's compiler goes by. The kernel may list fewer features than the processor has, or more than a process
// may use.
var processor = sync.OnceValues(func() (string, error) {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "", fmt.Errorf("the processor's features: %w", err)
	}
	described, words := describeProcessor(info), cpuidWords()
	if described == "" && len(words) == 0 {
		return "", errors.New("the processor's features: /proc/cpuinfo does not list them")
	}
	return fmt.Sprintf("%s%x", described, words), nil
})

// describeProcessor returns the identifying lines of /proc/cpuinfo, sorted, each once.
func describeProcessor(info []byte) string {
	var lines []string
	scanner := bufio.NewScanner(bytes.NewReader(info))
	scanner.Buffer(nil, len(info)+1)
	for scanner.Scan() {
		name, value, _ := strings.Cut(scanner.Text(), ":")
		if name = strings.TrimSpace(name); slices.Contains(identifying, name) {
			lines = append(lines, name+":"+strings.TrimSpace(value)+"\n")
		}
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "")
}

// threads returns what XLA's CPU client derives its number of threads from: XLA splits work accordingly.
func threads() string { return fmt.Sprintf("%d %q", runtime.NumCPU(), os.Getenv("NPROC")) }
