//go:build cgo

package hostmemory

// #cgo LDFLAGS: -ldl
// #include "hostmemory.h"
import "C"

import (
	"fmt"
	"os"
	"strings"
)

// enabledFile says who gets huge pages from the kernel: the word in brackets in "always [madvise] never".
const enabledFile = "/sys/kernel/mm/transparent_hugepage/enabled"

func useHugePages() { C.rn_hugepages_use() }

func hugePages() (on bool, why string) {
	if C.rn_hugepages_on() == 0 {
		if os.Getenv(envName) == envOff {
			return false, envName + "=" + envOff
		}
		return false, "this program does not ask for them"
	}
	text, err := os.ReadFile(enabledFile)
	if err != nil {
		return false, fmt.Sprintf("the kernel does not have transparent huge pages (%v)", err)
	}
	if strings.Contains(string(text), "[never]") {
		return false, "the administrator switched them off in " + enabledFile
	}
	return true, fmt.Sprintf("for buffers of %d MiB and more", least>>20)
}
