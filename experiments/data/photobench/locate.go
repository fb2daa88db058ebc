package photobench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Location is where the files of a benchmark are.
type Location struct {
	// Root is the folder of the photographs; paths of lists are relative to it.
	Root string
	// Lists is the folder of list files. If it is empty, Root holds list files or
	// class folders.
	Lists string
	// AllowMissing keeps photographs whose file is missing, for callers that leave out
	// what they cannot read. It is an error all the same if every file is missing.
	AllowMissing bool
	// Progress, if set, is called while many files are looked for: it takes minutes on
	// some file systems. One goroutine calls it at a time.
	Progress func(what string, done, total int)
}

// reporter returns a function that reports on the files of a domain, or nil.
func (l Location) reporter(domain string) func(done, total int) {
	if l.Progress == nil {
		return nil
	}
	return func(done, total int) { l.Progress("files of "+domain, done, total) }
}

// check returns an error unless the folders exist.
func (l Location) check() error {
	if l.Root == "" {
		return errors.New("the folder of the photographs is missing: name it with --root DIR")
	}
	for _, dir := range []struct{ flag, path string }{{"--root", l.Root}, {"--lists", l.Lists}} {
		if dir.path == "" {
			continue
		}
		info, err := os.Stat(dir.path)
		if err != nil {
			return fmt.Errorf("%s: %w", dir.flag, err)
		}
		if !info.IsDir() {
			return fmt.Errorf("%s: %s is a file: want a folder", dir.flag, dir.path)
		}
	}
	return nil
}

// place is where a domain was found.
type place struct {
	path string
	list bool   // a list file, otherwise a folder of class folders
	root string // the list's paths are relative to it
}

// candidate is where a domain may be: under one of some names in a folder.
type candidate struct {
	dir   string
	names []string
	list  bool
	// below is a path below the name.
	below string
}

// String describes the candidate for error messages.
func (c candidate) String() string {
	names := make([]string, len(c.names))
	for i, name := range c.names {
		names[i] = filepath.Join(name, c.below)
	}
	kind := "folder"
	if c.list {
		kind = "list"
	}
	return fmt.Sprintf("%s %s in %s", kind, strings.Join(names, ", "), c.dir)
}

// candidates returns the places where a domain may be, in order of preference.
func (b Benchmark) candidates(l Location, d Domain) []candidate {
	lists := func(dir string) candidate {
		c := candidate{dir: dir, list: true}
		for _, name := range d.names() {
			c.names = append(c.names, name+".txt", name+"_list.txt")
			if strings.HasSuffix(name, ".txt") {
				c.names = append(c.names, name)
			}
		}
		return c
	}
	if l.Lists != "" {
		return []candidate{lists(l.Lists), lists(filepath.Join(l.Lists, b.Name))}
	}
	folder := func(dir, below string) candidate { return candidate{dir: dir, names: d.names(), below: below} }
	return []candidate{
		lists(l.Root),
		lists(filepath.Join(l.Root, "image_list")),
		lists(filepath.Join(l.Root, "list")),
		{dir: l.Root, names: d.names(), list: true, below: "image_list.txt"},
		folder(l.Root, ""),
		folder(filepath.Join(l.Root, "images"), ""),
		folder(filepath.Join(l.Root, "kfold"), ""),
	}
}

// locate finds a domain; the error lists all the places.
func (b Benchmark) locate(l Location, d Domain) (place, error) {
	if err := l.check(); err != nil {
		return place{}, err
	}
	var looked []string
	for _, c := range b.candidates(l, d) {
		looked = append(looked, c.String())
		for _, name := range c.names {
			path, err := findIn(c.dir, name, len(b.Domains) > 0)
			if err != nil {
				return place{}, err
			}
			if path == "" {
				continue
			}
			found := place{path: filepath.Join(path, c.below), list: c.list, root: l.Root}
			info, err := os.Stat(found.path)
			if err != nil || info.IsDir() == c.list {
				continue
			}
			if c.below != "" {
				found.root = path
			}
			if !c.list {
				found.path = imagesBelow(found.path)
			}
			return found, nil
		}
	}
	return place{}, fmt.Errorf("not found; the places are\n  %s", strings.Join(looked, "\n  "))
}

// imagesBelow returns the folder of class folders in a domain's folder: Office-31
// keeps them in a folder called images.
func imagesBelow(dir string) string {
	const below = "images"
	names, _, err := subfolders(dir)
	if err != nil || len(names) != 1 || names[0] != below {
		return dir
	}
	if deeper, _, err := subfolders(filepath.Join(dir, below)); err != nil || len(deeper) == 0 {
		return dir
	}
	return filepath.Join(dir, below)
}

// findIn returns the path of the file or folder with a name in dir, or "". If loose
// is true and there is no exact match, case and separators do not matter.
func findIn(dir, name string, loose bool) (string, error) {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); err == nil || !loose {
		if err == nil {
			return path, nil
		}
		return "", nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return "", err
		}
		return "", nil // dir does not exist
	}
	for _, entry := range entries {
		if folded(entry.Name()) == folded(name) {
			return filepath.Join(dir, entry.Name()), nil
		}
	}
	return "", nil
}
