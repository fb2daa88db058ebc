package golden_test

import (
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/internal/bounded"
	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

// factor is what a byte of a golden file may take: a number of two, "0,", has
// eight, and stands in a slice that grows.
const factor = 64

// TestParseMemory: at most a multiple of the file, whatever it is full of.
func TestParseMemory(t *testing.T) {
	for name, text := range map[string]string{
		"numbers":       `{"kind":"layer","eval":{"x":{"shape":[1],"data":[` + strings.Repeat("0,", 100_000) + `0]}}}`,
		"a huge shape":  `{"kind":"layer","eval":{"x":{"shape":[1000000000],"data":[0]}}}`,
		"many axes":     `{"kind":"layer","eval":{"x":{"shape":[` + strings.Repeat("1,", 100_000) + `1],"data":[0]}}}`,
		"nested":        `{"kind":"layer","x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`,
		"scores":        `{"model":"a","logits_top":[` + strings.Repeat("[0,0],", 50_000) + `[0,0]]}`,
		"labels":        `{"kind":"trajectory","steps":[{"labels_source":[` + strings.Repeat("0,", 100_000) + `0]}]}`,
		"unknown keys":  `{"kind":"layer"` + strings.Repeat(`,"a":0`, 50_000) + `}`,
		"nested layers": `{"kind":"trajectory","init":` + strings.Repeat(`{"a":`, 5_000) + `0` + strings.Repeat(`}`, 5_000) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			bounded.Allocation(t, len(text), factor, func() { _, _ = golden.Parse([]byte(text)) })
		})
	}
}

// FuzzParse checks that no input panics or takes more memory than it is worth, and that what is accepted is valid and
// can be used as the documentation says.
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
			for _, step := range file.Trajectory.Steps {
				for _, label := range step.LabelsSource {
					if label < 0 || label >= file.Trajectory.Classes() {
						t.Errorf("label %d accepted with %d classes", label, file.Trajectory.Classes())
					}
				}
			}
		case golden.KindLosses:
			if file.Losses.CDAN.Features.Validate() != nil {
				t.Error("bad features accepted")
			}
		case golden.KindResNet:
			if len(file.ResNet.LogitsTop) == 0 {
				t.Error("empty logits accepted")
			}
		default:
			t.Errorf("kind %q accepted", file.Kind)
		}
	})
}
