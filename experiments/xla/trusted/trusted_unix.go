//go:build unix

package trusted

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"al.essio.dev/pkg/shellescape"
)

// check is the rule.
func check(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("%s: the system does not tell its owner", path)
	}
	if me := os.Geteuid(); stat.Uid != 0 && int(stat.Uid) != me {
		fix := fmt.Sprintf("chown %d %s", me, shellescape.Quote(path))
		if me != 0 {
			fix = "sudo " + fix
		}
		return &Error{path, fmt.Sprintf("belongs to user %d, not to you (user %d) or root", stat.Uid, me), fix}
	}
	const everybody, group = 0o002, 0o020
	switch mode := info.Mode().Perm(); {
	case mode&everybody != 0:
		return &Error{path, "can be written by everybody", "chmod go-w " + shellescape.Quote(path)}
	case mode&group != 0:
		return &Error{path, "can be written by its group", "chmod go-w " + shellescape.Quote(path)}
	}
	return nil
}
