package photobench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Location says where the files of a benchmark are.
type Location struct {
	// Root is the folder of the photographs; paths of lists are relative to it.
	Root string
	// Lists is the folder of list files; empty: they are looked for in Root, as are
	// class folders.
	Lists string
}

// check reports a location that cannot be.
func (l Location) check() error {
	if l.Root == "" {
		return errors.New("the folder of the photographs is not given: --root DIR")
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

// place is where a domain is.
type place struct {
	path string
	list bool   // a list file, not a folder of class folders
	root string // of the list's paths
}

// candidate is where a domain may be: the first of some names in a folder.
type candidate struct {
	dir   string
	names []string
	list  bool
	// below is what must be in the folder of that name.
	below string
}

// String says where it is that is looked.
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

// candidates are the places of a domain, those to be preferred first.
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

// locate finds a domain; the error lists the places that were looked at.
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
	return place{}, fmt.Errorf("not found; looked for\n  %s", strings.Join(looked, "\n  "))
}

// imagesBelow is the folder of class folders in the folder of a domain: Office-31
// has them in one called images.
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

// findIn is the path of a file or folder of a name in a folder; if loose, in any
// case and with any separators, when there is none of that very name. It is empty
// if there is none.
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
		return "", nil // there is no such folder
	}
	for _, entry := range entries {
		if folded(entry.Name()) == folded(name) {
			return filepath.Join(dir, entry.Name()), nil
		}
	}
	return "", nil
}
