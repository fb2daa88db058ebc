package golden

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/reciprocalnorm/rn/experiments/registry"
)

// Kind names what a golden file holds.
type Kind string

// The kinds of golden files.
const (
	KindLayer      Kind = "layer"
	KindTrajectory Kind = "trajectory"
	KindLosses     Kind = "losses"
	KindResNet     Kind = "resnet"
	KindNorm       Kind = "norm"
	KindObjective  Kind = "objective"
	KindPartial    Kind = "partial_trajectory"
)

// File is one golden file. Kind names the one pointer that is set.
type File struct {
	// Path is where the file was read from. For an embedded file it is the path
	// below [Embedded]'s folder, without ".gz".
	Path string
	Kind Kind

	Layer      *LayerCase
	Trajectory *Trajectory
	Losses     *Losses
	ResNet     *ResNet
	Norm       *NormCase
	Objective  *Objective
	Partial    *PartialTrajectory
}

// contents is the part of a file that depends on its kind.
type contents interface{ Validate() error }

// format is how files of one kind are parsed.
type format struct {
	kind Kind
	set  func(*File) contents // sets the file's pointer to an empty value and returns it
}

var formats = []format{
	{KindLayer, func(f *File) contents { f.Layer = &LayerCase{}; return f.Layer }},
	{KindTrajectory, func(f *File) contents { f.Trajectory = &Trajectory{}; return f.Trajectory }},
	{KindLosses, func(f *File) contents { f.Losses = &Losses{}; return f.Losses }},
	{KindResNet, func(f *File) contents { f.ResNet = &ResNet{}; return f.ResNet }},
	{KindNorm, func(f *File) contents { f.Norm = &NormCase{}; return f.Norm }},
	{KindObjective, func(f *File) contents { f.Objective = &Objective{}; return f.Objective }},
	{KindPartial, func(f *File) contents { f.Partial = &PartialTrajectory{}; return f.Partial }},
}

// Parse reads and checks the JSON of a golden file. Its errors name the field;
// [ReadDir] adds the file.
func Parse(data []byte) (*File, error) {
	kind, err := detect(data)
	if err != nil {
		return nil, err
	}
	f, err := registry.Find("kind", fmt.Sprintf("%.40s", kind), formats, func(f format) string { return string(f.kind) })
	if err != nil {
		return nil, fieldError("kind", err)
	}
	file := &File{Kind: kind}
	into := f.set(file)
	if err := decode(data, into); err != nil {
		return nil, err
	}
	if err := into.Validate(); err != nil {
		return nil, err
	}
	return file, nil
}

// presence records that a key exists and drops its value.
type presence bool

func (p *presence) UnmarshalJSON([]byte) error {
	*p = true
	return nil
}

// detect returns the "kind" of a file, or infers the kind from the keys of a file
// without one.
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
