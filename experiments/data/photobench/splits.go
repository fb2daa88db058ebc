package photobench

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// splitNames are the usual names of the parts of a data set, in lower case.
var splitNames = []string{"train", "training", "val", "valid", "validation", "test", "testing"}

// checkSplits returns an error if the folders of a domain are not classes but
// splits: all of them have the name of a split and hold folders but no images.
// domain is the domain's name.
func checkSplits(domain, dir string, folders []string) error {
	for _, name := range folders {
		if !slices.Contains(splitNames, strings.ToLower(name)) {
			return nil
		}
		classes, images, err := subfolders(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if len(classes) == 0 || images > 0 {
			return nil
		}
	}
	first := path.Join(domain, folders[0])
	return fmt.Errorf("%s holds splits with class folders (%s), not classes: did you mean --source %s (or --target %s)?",
		dir, strings.Join(folders, ", "), first, first)
}
