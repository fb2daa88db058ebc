//go:build cgo

package cache

// #include "forward.h"
import "C"

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
)

// identifying are the lines of /proc/cpuinfo that say what a processor is and can do, on all of Linux's architectures;
// the others change, or are of one core.
var identifying = []string{
	"vendor_id", "cpu family", "model", "model name", "stepping", "flags", // x86
	"CPU implementer", "CPU architecture", "CPU variant", "CPU part", "CPU revision", "Features", // ARM
	"isa", "uarch", "cpu", "revision", "features", // RISC-V, POWER, Z
}

// processor returns what the processor is and can do: /proc/cpuinfo, and on x86 what the CPUID instruction says, which
// is what XLA's compiler goes by. The system may show fewer features than there are, or more than a process may use.
var processor = sync.OnceValues(func() (string, error) {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "", fmt.Errorf("the processor's features: %w", err)
	}
	described := describeProcessor(info)
	var words [C.xlacache_cpuid_words]C.uint32_t
	n := int(C.xlacache_cpuid(&words[0]))
	if described == "" && n == 0 {
		return "", fmt.Errorf("the processor's features: /proc/cpuinfo has none")
	}
	return fmt.Sprintf("%s%x", described, words[:n]), nil
})

// describeProcessor returns the identifying lines of /proc/cpuinfo, each one once.
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
