package golden_test

import (
	"testing"

	"github.com/reciprocalnorm/rn/experiments/golden"
)

// FuzzParse checks that no input panics, and that what is accepted is valid and
// can be used as the documentation says.
func FuzzParse(f *testing.F) {
	for _, sample := range samples() {
		f.Add(marshal(f, sample))
	}
	f.Add([]byte(`{"kind": "layer", "steps": [{"x": {"shape": [-1, 1e3], "data": [null]}}]}`))
	f.Add([]byte(`{"kind": "trajectory", "init": {"linear1": {}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := golden.Parse(data)
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
