package golden_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/internal/bounded"
	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

// factor is how many bytes a byte of a golden file may take: a number of two bytes,
// "0,", takes eight in a slice that grows.
const factor = 64

// TestParseMemory: parsing takes at most a multiple of the file's size, whatever
// the file is full of.
func TestParseMemory(t *testing.T) {
	for name, text := range map[string]string{
		"numbers":       `{"kind":"layer","eval":{"x":{"shape":[1],"data":[` + strings.Repeat("0,", 100_000) + `0]}}}`,
		"a huge shape":  `{"kind":"layer","eval":{"x":{"shape":[1000000000],"data":[0]}}}`,
		"many axes":     `{"kind":"layer","eval":{"x":{"shape":[` + strings.Repeat("1,", 100_000) + `1],"data":[0]}}}`,
		"nested":        `{"kind":"layer","x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`,
		"scores":        `{"model":"a","logits_top":[` + strings.Repeat("[0,0],", 50_000) + `[0,0]]}`,
		"labels":        `{"kind":"trajectory","steps":[{"labels_source":[` + strings.Repeat("0,", 100_000) + `0]}]}`,
		"unknown keys":  `{"kind":"layer"` + strings.Repeat(`,"a":0`, 50_000) + `}`,
		"names":         `{"kind":"norm","domains":[` + strings.Repeat(`"a",`, 50_000) + `"a"]}`,
		"scalars":       `{"kind":"norm","init":{` + keys(20_000, "0") + `}}`,
		"values":        `{"kind":"objective","cases":{"a":{` + keys(20_000, "0") + `}}}`,
		"flags":         `{"kind":"objective","cases":{"a":{` + keys(20_000, "true") + `}}}`,
		"lists":         `{"kind":"objective","cases":{"a":{` + keys(20_000, "[]") + `}}}`,
		"a long list":   `{"kind":"objective","cases":{"a":{"iterations":[` + strings.Repeat("0,", 100_000) + `0]}}}`,
		"terms":         `{"kind":"objective","cases":{"a":{"terms":{` + keys(20_000, "0") + `}}}}`,
		"cases":         `{"kind":"objective","cases":{` + keys(20_000, `{"formula":"","reference":""}`) + `}}`,
		"steps":         `{"kind":"norm","steps":[` + strings.Repeat("{},", 50_000) + `{}]}`,
		"nested layers": `{"kind":"trajectory","init":` + strings.Repeat(`{"a":`, 5_000) + `0` + strings.Repeat(`}`, 5_000) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			bounded.Allocation(t, len(text), factor, func() { _, _ = golden.Parse([]byte(text)) })
		})
	}
}

// keys are n members of an object with the same value.
func keys(n int, value string) string {
	var text strings.Builder
	for i := range n {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `"%x":%s`, i, value)
	}
	return text.String()
}

// FuzzExpand checks that no input panics, that what is expanded stays within
// 8 MiB, and that it survives being compressed again.
func FuzzExpand(f *testing.F) {
	packed, err := golden.Compress(marshal(f, sampleNorm()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packed)
	f.Add(slices.Concat(packed, packed))
	f.Fuzz(func(t *testing.T, data []byte) {
		expanded, err := golden.Expand(data)
		if err != nil {
			return
		}
		if len(expanded) > maxSize {
			t.Errorf("%d bytes expanded", len(expanded))
		}
		again, err := golden.Compress(expanded)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := golden.Expand(again); err != nil || !bytes.Equal(back, expanded) {
			t.Errorf("%d bytes come back as %d, %v", len(expanded), len(back), err)
		}
	})
}

// FuzzParse checks that no input panics or takes too much memory, and that accepted
// files keep what the documentation promises.
func FuzzParse(f *testing.F) {
	for _, sample := range samples() {
		f.Add(marshal(f, sample))
	}
	f.Add([]byte(`{"kind": "layer", "steps": [{"x": {"shape": [-1, 1e3], "data": [null]}}]}`))
	f.Add([]byte(`{"kind": "trajectory", "init": {"linear1": {}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var file *golden.File
		var err error
		bounded.Allocation(t, len(data), factor, func() { file, err = golden.Parse(data) })
		if err != nil {
			return
		}
		switch file.Kind {
		case golden.KindLayer:
			for _, step := range file.Layer.Steps {
				shape := step.X.ChannelsLast().Shape
				if shape[0] != 2*file.Layer.PerDomainBatch || shape[len(shape)-1] != file.Layer.Channels {
					t.Errorf("x of shape %v accepted for %d channels", step.X.Shape, file.Layer.Channels)
				}
			}
		case golden.KindTrajectory:
			classes := file.Trajectory.Init["classifier"]["bias"].Shape[0]
			for _, step := range file.Trajectory.Steps {
				for _, label := range step.LabelsSource {
					if label < 0 || label >= classes {
						t.Errorf("label %d accepted with %d classes", label, classes)
					}
				}
			}
		case golden.KindLosses:
			features := file.Losses.CDAN.Features
			if size, err := golden.Size(features.Shape); err != nil || len(features.Data) != size {
				t.Errorf("%d features accepted in shape %v", len(features.Data), features.Shape)
			}
		case golden.KindResNet:
			if len(file.ResNet.LogitsTop) == 0 {
				t.Error("empty logits accepted")
			}
		case golden.KindNorm:
			for _, step := range file.Norm.Steps {
				shape := step["x"].ChannelsLast().Shape
				if shape[0] != file.Norm.Rows() || shape[len(shape)-1] != file.Norm.Channels {
					t.Errorf("x of shape %v accepted for %d channels", step["x"].Shape, file.Norm.Channels)
				}
				for name, a := range step {
					parameter, ok := strings.CutPrefix(name, "grad_")
					if ok && parameter != "x" && !slices.Equal(a.Shape, file.Norm.Init[parameter].Shape) {
						t.Errorf("gradient of %s accepted in shape %v", parameter, a.Shape)
					}
				}
			}
		case golden.KindObjective:
			for name, c := range file.Objective.Cases {
				for key, gradient := range c.Values {
					input, ok := strings.CutPrefix(key, "grad_")
					if ok && !slices.Equal(gradient.Shape, c.Values[input].Shape) {
						t.Errorf("%s: gradient of %s accepted", name, input)
					}
				}
			}
		case golden.KindPartial:
			for _, step := range file.Partial.Steps {
				for _, label := range step.LabelsSource {
					if label < 0 || label >= file.Partial.Dimensions.Classes {
						t.Errorf("label %d accepted", label)
					}
				}
			}
		default:
			t.Errorf("kind %q accepted", file.Kind)
		}
	})
}
