package digits

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// DataEnv is the environment variable that names the data folder: $RN_DATA/usps/zip.train.gz.
const DataEnv = "RN_DATA"

// DefaultData is the data folder when neither Options.Root nor $RN_DATA names one.
const DefaultData = "data"

// location is where the files of a data set are, or were looked for.
type location struct {
	dir    string // "" if the files are in none of the folders
	looked []string
}

// locate finds the folder with all the files of a data set: in the data folder, or
// in its subfolder of the data set's name. A folder with only some of the files is
// an error.
func locate(root, name string, files []string) (location, error) {
	data := cmp.Or(root, os.Getenv(DataEnv), DefaultData)
	var l location
	for _, dir := range []string{filepath.Join(data, name), data} {
		missing, err := missingFiles(dir, files)
		switch {
		case err != nil:
			return location{}, err
		case len(missing) == 0:
			return location{dir: dir}, nil
		case len(missing) < len(files):
			return location{}, fmt.Errorf("folder %s lacks %s: add what is missing, or remove the other files", dir, strings.Join(missing, ", "))
		}
		l.looked = append(l.looked, dir)
	}
	return l, nil
}

// missingFiles lists the files that dir does not hold.
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
			return nil, fmt.Errorf("%s is a folder, want a file", filepath.Join(dir, file))
		}
	}
	return missing, nil
}
