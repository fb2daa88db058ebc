// Package trusted decides whether a file may be executed: only if nobody but the user of this process and root can have
// written it. XLA's plugins and cached executables go through it before they are loaded.
package trusted

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Error says why a path is not trusted.
type Error struct {
	Path   string
	Reason string // a predicate, such as "belongs to user 1001"
	Fix    string // the shell command that mends it
}

func (e *Error) Error() string {
	return e.Path + " " + e.Reason + ", and its content is executed: run `" + e.Fix + "` if you trust it"
}

// Path returns an [*Error] about the first of root, the folders below it on the way to path, and path itself that is not
// trusted. Symbolic links count as what they lead to. Folders above root are not looked at, nor are the folders around a
// link's target. A path outside root stands for itself alone.
func Path(root, path string) error {
	steps := []string{path}
	if below, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(below) {
		steps = []string{root}
		for at, rest := root, below; rest != "" && rest != "."; {
			var name string
			name, rest, _ = strings.Cut(rest, string(filepath.Separator))
			at = filepath.Join(at, name)
			steps = append(steps, at)
		}
	}
	for _, step := range steps {
		info, err := os.Stat(step)
		if err != nil {
			return err
		}
		if err := Info(step, info); err != nil {
			return err
		}
	}
	return nil
}

// Tree is Path for a folder and everything in it, except for links that lead nowhere.
func Tree(root, dir string) error {
	if err := Path(root, dir); err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // What is not there is not executed.
		}
		if err != nil {
			return err
		}
		return Info(path, info)
	})
}

// Info returns an [*Error] if the file or folder at path, which info describes, belongs to another user than this
// process's and root, or if its group or everybody can write to it. Only Unix tells; elsewhere every file is trusted.
func Info(path string, info fs.FileInfo) error { return check(path, info) }
