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

// enabledFile says what the kernel gives huge pages to: the word in brackets of
// "always [madvise] never".
const enabledFile = "/sys/kernel/mm/transparent_hugepage/enabled"

func hugePages() (on bool, why string) {
	if C.rn_hugepages_on() == 0 {
		return false, Env + "=" + os.Getenv(Env)
	}
	text, err := os.ReadFile(enabledFile)
	if err != nil {
		return false, fmt.Sprintf("the kernel has no transparent huge pages (%v)", err)
	}
	if strings.Contains(string(text), "[never]") {
		return false, "the administrator switched them off in " + enabledFile
	}
	return true, fmt.Sprintf("for buffers of %d MiB and more", Least>>20)
}
