package golden

import (
	"fmt"
	"maps"
	"slices"
)

// Reference names the public code that computed the numbers.
type Reference struct {
	// Repository is "owner/name" on GitHub.
	Repository string `json:"repository"`
	Commit     string `json:"commit"`
	// File is the path, or the paths separated by commas, within the repository.
	File    string `json:"file"`
	Licence string `json:"licence"`
}

func (r Reference) validate(path string) error {
	return firstError(
		check(r.Repository != "", path+".repository", "the text is empty"),
		check(r.Commit != "", path+".commit", "the text is empty"),
	)
}

// validateReferences checks references by key.
func validateReferences(path string, references map[string]Reference) error {
	if err := checkNotEmpty(path, len(references)); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(references)) {
		if err := references[key].validate(fmt.Sprintf("%s.%.40s", path, key)); err != nil {
			return err
		}
	}
	return nil
}
