//go:build unix

package featurecache

import (
	"errors"
	"syscall"
)

// ended reports whether no process of this machine has the process's id.
func (p process) ended() bool { return errors.Is(syscall.Kill(p.id, 0), syscall.ESRCH) }
