package digits

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// DataEnv is the environment variable that names a folder with one subfolder a data set: $RN_DATA/usps/zip.train.gz.
const DataEnv = "RN_DATA"

// parentLevels is how many parents of the current directory are searched for shared/data: enough for a notebook or a
// test a few folders deep in a checkout.
const parentLevels = 5

// location is the outcome of locate: the folder that holds the files, or "" and the folders that do not.
type location struct {
	dir    string
	looked []string
}

// locate finds the folder with all the files of a data set. Under root they must be there; elsewhere not finding any
// of them is no error. A folder with some but not all of them is.
func locate(root, name string, files []string) (location, error) {
	if root != "" {
		missing, err := missingFiles(root, files)
		if err != nil {
			return location{}, err
		}
		if len(missing) > 0 {
			return location{}, fmt.Errorf("the given folder %s has no %s; put %s there or name another folder",
				root, strings.Join(missing, ", "), strings.Join(files, ", "))
		}
		return location{dir: root}, nil
	}
	var looked []string
	candidates, err := standardFolders(name)
	if err != nil {
		return location{}, err
	}
	for _, dir := range candidates {
		missing, err := missingFiles(dir, files)
		switch {
		case err != nil:
			return location{}, err
		case len(missing) == 0:
			return location{dir: dir}, nil
		case len(missing) < len(files):
			return location{}, fmt.Errorf("folder %s lacks %s; add it, or remove the others", dir, strings.Join(missing, ", "))
		}
		looked = append(looked, dir)
	}
	return location{looked: looked}, nil
}

// standardFolders are the places of a data set's files when no root is given.
func standardFolders(name string) ([]string, error) {
	var dirs []string
	if data := os.Getenv(DataEnv); data != "" {
		dirs = append(dirs, filepath.Join(data, name))
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("looking for shared/data/%s: %w", name, err)
	}
	for range parentLevels + 1 {
		dirs = append(dirs, filepath.Join(dir, "shared", "data", name))
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	return dirs, nil
}

// missingFiles are those of the files that dir does not hold.
func missingFiles(dir string, files []string) ([]string, error) {
	var missing []string
	for _, file := range files {
		info, err := os.Stat(filepath.Join(dir, file))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, file)
		case err != nil:
			return nil, fmt.Errorf("looking for %s: %w", file, err)
		case info.IsDir():
			return nil, fmt.Errorf("%s is a folder, a file is expected", filepath.Join(dir, file))
		}
	}
	return missing, nil
}
