package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Kind says what a golden file holds.
type Kind string

// The kinds of golden files.
const (
	KindLayer      Kind = "layer"
	KindTrajectory Kind = "trajectory"
	KindLosses     Kind = "losses"
	KindResNet     Kind = "resnet"
)

// File is one golden file. Of the four pointers, the one that Kind names is set.
type File struct {
	// Path is the path the file was read from.
	Path string
	Kind Kind

	Layer      *LayerCase
	Trajectory *Trajectory
	Losses     *Losses
	ResNet     *ResNet
}

// Read reads and checks one golden file. Errors name the file and the field.
func Read(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("golden: %w", err)
	}
	file, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("golden: %s: %w", path, err)
	}
	file.Path = path
	return file, nil
}

// ReadDir reads every *.json file of a directory, sorted by name; other files
// and subdirectories are ignored. It is an error if there is none, or if one of
// them is not a golden file.
func ReadDir(dir string) ([]*File, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("golden: %w", err)
	}
	var files []*File
	for _, entry := range entries {
		if entry.IsDir() || filepath.Ext(entry.Name()) != ".json" {
			continue
		}
		file, err := Read(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("golden: %s: no *.json file in this directory, expected golden files", dir)
	}
	return files, nil
}

// Parse reads and checks the contents of a golden file. Its errors name the
// field; [Read] adds the file.
func Parse(data []byte) (*File, error) {
	kind, err := detect(data)
	if err != nil {
		return nil, err
	}
	file := &File{Kind: kind}
	var contents interface{ Validate() error }
	switch kind {
	case KindLayer:
		file.Layer = &LayerCase{}
		contents = file.Layer
	case KindTrajectory:
		file.Trajectory = &Trajectory{}
		contents = file.Trajectory
	case KindLosses:
		file.Losses = &Losses{}
		contents = file.Losses
	case KindResNet:
		file.ResNet = &ResNet{}
		contents = file.ResNet
	default:
		return nil, fmt.Errorf("kind: unknown kind %.40q, expected %q, %q, %q or %q",
			kind, KindLayer, KindTrajectory, KindLosses, KindResNet)
	}
	if err := decode(data, contents); err != nil {
		return nil, err
	}
	if err := contents.Validate(); err != nil {
		return nil, err
	}
	return file, nil
}

// presence notes that a key is there and drops its value.
type presence bool

func (p *presence) UnmarshalJSON([]byte) error {
	*p = true
	return nil
}

// detect returns the "kind" of a file, or the kind its keys tell if it has none.
func detect(data []byte) (Kind, error) {
	var keys struct {
		Kind           *Kind    `json:"kind"`
		Model          presence `json:"model"`
		CDAN           presence `json:"cdan"`
		CDANE          presence `json:"cdan_e"`
		TargetEntropy  presence `json:"target_entropy"`
		GRLCoefficient presence `json:"grl_coefficient"`
		InverseDecayLR presence `json:"inverse_decay_lr"`
	}
	if err := json.Unmarshal(data, &keys); err != nil {
		return "", fmt.Errorf("not a golden file: %w", err)
	}
	switch {
	case keys.Kind != nil:
		return *keys.Kind, nil
	case bool(keys.Model):
		return KindResNet, nil
	case bool(keys.CDAN || keys.CDANE || keys.TargetEntropy || keys.GRLCoefficient || keys.InverseDecayLR):
		return KindLosses, nil
	default:
		return "", errors.New(`not a golden file: it has no "kind", no "model" and no key of the losses ("cdan", ...)`)
	}
}
