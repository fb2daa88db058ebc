// Command pack makes the embedded golden files of package golden from a folder of
// JSON files, with its subfolders:
//
//	go run ./experiments/verify/golden/pack FOLDER [experiments/verify/golden/cases]
//
// Every file is parsed before anything is written. Compressed files that have no
// JSON file in FOLDER are removed. `gunzip -k` of the results gives the JSON again.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/atomicfile"
	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

// maxPacked is the largest file that the repository takes, in bytes.
const maxPacked = 1 << 20

const suffix = ".json"

func main() {
	to := filepath.FromSlash("experiments/verify/golden/cases")
	if len(os.Args) == 3 {
		to = os.Args[2]
	} else if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: pack FOLDER [CASES]")
		os.Exit(2)
	}
	packed, err := pack(os.Args[1], to)
	if err != nil {
		fmt.Fprintf(os.Stderr, "pack: %v\n", err)
		os.Exit(1)
	}
	fmt.Printf("%d files, %d bytes\n", packed.files, packed.bytes)
}

// size is how much was packed.
type size struct{ files, bytes int }

// pack compresses every golden file below one folder into another.
func pack(from, to string) (size, error) {
	files, err := compress(from)
	if err != nil {
		return size{}, err
	}
	var total size
	for name, data := range files {
		path := filepath.Join(to, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return size{}, err
		}
		if err := atomicfile.WriteFile(path, data); err != nil {
			return size{}, err
		}
		total.files++
		total.bytes += len(data)
	}
	return total, fs.WalkDir(os.DirFS(to), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, suffix+".gz") || files[name] != nil {
			return err
		}
		return os.Remove(filepath.Join(to, filepath.FromSlash(name)))
	})
}

// compress returns the compressed golden files below a folder by their path.
func compress(from string) (map[string][]byte, error) {
	source, files := os.DirFS(from), make(map[string][]byte)
	err := fs.WalkDir(source, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, suffix) {
			return err
		}
		data, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		if _, err := golden.Parse(data); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		packed, err := golden.Compress(data)
		if err == nil && len(packed) > maxPacked {
			err = fmt.Errorf("%s has %d bytes after compression, more than %d", name, len(packed), maxPacked)
		}
		files[name+".gz"] = packed
		return err
	})
	if err == nil && len(files) == 0 {
		err = errors.New("no " + suffix + " file in " + from)
	}
	return files, err
}
