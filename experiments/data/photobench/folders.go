package photobench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/data/classes"
)

// extensions mark the files that package photo reads. Cameras and browsers also
// call JPEG files .jpe and .jfif.
var extensions = []string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".webp", ".gif", ".tif", ".tiff"}

// isImage reports whether a file has an image's extension, in any case.
func isImage(name string) bool {
	return slices.Contains(extensions, strings.ToLower(filepath.Ext(name)))
}

// isHidden reports whether a file or folder is hidden.
func isHidden(name string) bool { return strings.HasPrefix(name, ".") }

// ReadFolders reads a folder of class folders. The class names are the folders'
// names, sorted by [classes.Sort]: in byte order, as in torchvision's ImageFolder,
// but with numbers by value, so that 2 comes before 10. A class consists of the
// files in its folder, and in folders below it, with the extension .jpg, .jpeg,
// .jpe, .jfif, .png, .bmp, .webp, .gif, .tif or .tiff in any case; LeftOut counts
// the other files. Hidden files and folders are ignored. Links are followed, except to a folder that contains the link. A class without
// photographs is an error. The photographs are not opened.
func ReadFolders(dir string) (*Photos, error) {
	names, images, err := subfolders(dir)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		if images > 0 {
			return nil, fmt.Errorf("%s holds %d images but no folders: want a folder for each class, with its images", dir, images)
		}
		return nil, fmt.Errorf("%s holds no folders: want a folder for each class, with its images", dir)
	}
	classes.Sort(names)
	p := &Photos{Name: filepath.Base(dir), Root: dir, Classes: names, named: true}
	var wrong problems
	for label, class := range names {
		paths, err := readClass(filepath.Join(dir, class))
		if err != nil {
			return nil, err
		}
		files := len(paths)
		paths = slices.DeleteFunc(paths, p.LeftOut.isOther)
		if len(paths) == 0 {
			wrong.add("%s holds no images (%s) and %d other files: convert them, or remove the folder if it is not a class",
				filepath.Join(dir, class), strings.Join(extensions, " "), files)
		}
		p.Paths = append(p.Paths, paths...)
		for range paths {
			p.Labels = append(p.Labels, int32(label))
		}
	}
	if err := wrong.err(); err != nil {
		return nil, err
	}
	p.LeftOut.Beside = images
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

// readClass returns the files in a folder and below it: the folder's own files first,
// each folder in byte order.
func readClass(dir string) ([]string, error) {
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
		var files, folders []string
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
			case !folder:
				files = append(files, path)
			}
		}
		for _, folder := range folders {
			more, err := walk(folder)
			if err != nil {
				return nil, err
			}
			files = append(files, more...)
		}
		return files, nil
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
