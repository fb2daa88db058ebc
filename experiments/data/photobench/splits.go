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

// checkSplits returns an error if the folders in a domain's folder are not classes
// but splits: all of them have the name of a split and hold folders but no images.
func checkSplits(domain, dir string) error {
	splits, _, err := subfolders(dir)
	if err != nil || len(splits) == 0 {
		return err
	}
	for _, name := range splits {
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
	first := path.Join(domain, splits[0])
	return fmt.Errorf("%s holds splits with class folders (%s), not classes: did you mean --source %s (or --target %s)?",
		dir, strings.Join(splits, ", "), first, first)
}
