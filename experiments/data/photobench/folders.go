package photobench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// isHidden reports whether a file or folder is hidden.
func isHidden(name string) bool { return strings.HasPrefix(name, ".") }

// ReadFolders reads a folder of class folders. The class names are the folders'
// names in byte order, as in torchvision's ImageFolder. A class consists of the
// files in its folder, and in folders below it, with an extension that package photo
// reads, in any case: .jpg, .jpeg, .jpe, .jfif, .png, .bmp, .webp, .gif, .tif or
// .tiff. The other files are counted in LeftOut; hidden files and folders are
// ignored. Links are followed, except to a folder that contains the link. A class
// without photographs is an error, and so are folders named train, val or test with
// class folders below. The photographs are not opened.
func ReadFolders(dir string) (*Photos, error) { return readFolders(filepath.Base(dir), dir) }

// readFolders is ReadFolders for the domain with a name.
func readFolders(domain, dir string) (*Photos, error) {
	classes, images, err := subfolders(dir)
	if err != nil {
		return nil, err
	}
	if len(classes) == 0 {
		if images > 0 {
			return nil, fmt.Errorf("%s holds %d images but no folders: want a folder for each class, with its images", dir, images)
		}
		return nil, fmt.Errorf("%s holds no folders: want a folder for each class, with its images", dir)
	}
	if err := checkSplits(domain, dir, classes); err != nil {
		return nil, err
	}
	p := &Photos{Name: domain, Root: dir, Classes: classes, named: true, LeftOut: LeftOut{Beside: images}}
	var wrong problems
	for label, class := range classes {
		others := p.LeftOut.Count()
		paths, err := readClass(filepath.Join(dir, class), &p.LeftOut)
		if err != nil {
			return nil, err
		}
		if len(paths) == 0 {
			wrong.add("%s holds no images (%s) and %d other files: convert them, or remove the folder if it is not a class",
				filepath.Join(dir, class), strings.Join(extensions, " "), p.LeftOut.Count()-others)
		}
		p.Paths = append(p.Paths, paths...)
		for range paths {
			p.Labels = append(p.Labels, int32(label))
		}
	}
	if err := wrong.err(); err != nil {
		return nil, err
	}
	return p, nil
}

// subfolders lists the folders in a folder and counts the images beside them.
func subfolders(dir string) (names []string, images int, err error) {
	entries, err := os.ReadDir(dir) // in byte order
	if err != nil {
		return nil, 0, err
	}
	for _, entry := range entries {
		switch folder, err := isFolder(dir, entry); {
		case err != nil:
			return nil, 0, err
		case isHidden(entry.Name()):
		case folder:
			names = append(names, entry.Name())
		case isImage(entry.Name()):
			images++
		}
	}
	return names, images, nil
}

// isFolder reports whether an entry is a folder or a link to one.
func isFolder(dir string, entry fs.DirEntry) (bool, error) {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.IsDir(), nil
	}
	info, err := os.Stat(filepath.Join(dir, entry.Name()))
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return false, err
		}
		return false, nil // a dangling link or a circle of links
	}
	return info.IsDir(), nil
}

// readClass returns the images in a folder and below it: the folder's own images
// first, each folder in byte order. It counts the other files in leftOut.
func readClass(dir string, leftOut *LeftOut) ([]string, error) {
	seen := make(map[string]bool) // folders, with links resolved
	var walk func(dir string) ([]string, error)
	walk = func(dir string) ([]string, error) {
		where, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return nil, err
		}
		if where, err = filepath.Abs(where); err != nil {
			return nil, err
		}
		if seen[where] {
			return nil, nil
		}
		seen[where] = true
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		var images, folders []string
		for _, entry := range entries {
			if isHidden(entry.Name()) {
				continue
			}
			path := filepath.Join(dir, entry.Name())
			folder, err := isFolder(dir, entry)
			if err != nil {
				return nil, err
			}
			switch {
			case folder && entry.Type()&fs.ModeSymlink != 0 && leadsUp(path, where):
			case folder:
				folders = append(folders, path)
			case isImage(path):
				images = append(images, path)
			case !folder:
				leftOut.add(entry.Name())
			}
		}
		for _, folder := range folders {
			more, err := walk(folder)
			if err != nil {
				return nil, err
			}
			images = append(images, more...)
		}
		return images, nil
	}
	return walk(dir)
}

// leadsUp reports whether a link leads to the folder where, or to one that contains
// it.
func leadsUp(link, where string) bool {
	to, err := filepath.EvalSymlinks(link)
	if err != nil {
		return false
	}
	if to, err = filepath.Abs(to); err != nil {
		return false
	}
	relative, err := filepath.Rel(to, where)
	return err == nil && filepath.IsLocal(relative)
}
