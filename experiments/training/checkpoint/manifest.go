package checkpoint

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/checksum"
)

// manifest describes the files of a checkpoint. Its own file carries a checksum, see
// package checksum.
type manifest struct {
	Step  int                 `json:"step"`
	Files map[string]fileInfo `json:"files"`
	// Scalars are the paths of the scalar variables. They are stored with the shape
	// [1], because readers of safetensors do not agree on scalars.
	Scalars []string `json:"scalars"`
	// Fixed are the paths of the variables that are not trainable, so that they are not
	// trainable after loading either.
	Fixed []string `json:"fixed"`
}

// fileInfo identifies the contents of a file.
type fileInfo struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// parseManifest parses a manifest, which must describe both files. checked is false
// for manifests of older versions, which have no checksum; every field of theirs must
// be known.
func parseManifest(text []byte) (m manifest, checked bool, err error) {
	if checked, err = checksum.Unmarshal(text, &m); err != nil {
		return m, false, err
	}
	if !checked {
		strict := json.NewDecoder(bytes.NewReader(text))
		strict.DisallowUnknownFields()
		if err := strict.Decode(new(manifest)); err != nil {
			return m, false, err
		}
	}
	for _, name := range []string{variablesFile, stateFile} {
		if _, ok := m.Files[name]; !ok {
			return m, false, fmt.Errorf("does not describe %s", name)
		}
	}
	return m, checked, nil
}

// checkNames returns an error if the manifest names a variable that is not stored.
func (m manifest) checkNames(stored map[string]*tensors.Tensor) error {
	for field, names := range map[string][]string{"scalars": m.Scalars, "fixed": m.Fixed} {
		for _, name := range names {
			if stored[name] == nil {
				return fmt.Errorf("%s: field %s names %q, which %s does not have", manifestFile, field, name, variablesFile)
			}
		}
	}
	return nil
}
