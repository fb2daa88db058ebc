package training

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/data/loader"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// newTrainer prepares a configuration over a new store.
func newTrainer(t *testing.T, backend compute.Backend, c config.Config, classes int) *Trainer {
	t.Helper()
	store := model.NewStore()
	t.Cleanup(store.Finalize)
	if err := store.SetRNGStateFromSeed(c.Seed); err != nil {
		t.Fatal(err)
	}
	p, err := Prepare(c, backbone.TorchVision, environment.Compute{})
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := New(backend, store, p, classes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(trainer.Finalize)
	return trainer
}

// weightsOf are the values of the variables that learn, by path.
func weightsOf(t *testing.T, store *model.Store) map[string][]float32 {
	t.Helper()
	values := make(map[string][]float32)
	for v := range store.IterVariables() {
		if v.Trainable && v.DType() == dtypes.Float32 {
			values[v.Path()] = tensors.MustCopyFlatData[float32](v.MustValue())
		}
	}
	return values
}

// leaveBounds moves gates and shares away from 1, where they start: a step that
// pulls them beyond is projected back.
func leaveBounds(t *testing.T, store *model.Store) {
	t.Helper()
	for v := range store.IterVariables() {
		if slices.Contains([]string{rnlayer.VarAlpha, rnlayer.VarMeanGate, rnlayer.VarVarianceGate}, v.Name()) {
			inside := slices.Repeat([]float32{0.75}, v.Shape().Size())
			if err := v.SetValue(tensors.FromFlatDataAndDimensions(inside, v.Shape().Dimensions...)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// requireLearning trains two steps: the losses are finite, the transfer loss is
// there if the objective has one, and the second step moves every variable that
// learns to finite values.
func requireLearning(t *testing.T, backend compute.Backend, c config.Config, d input.Data) {
	t.Helper()
	trainer := newTrainer(t, backend, c, len(d.Source.Classes))
	batches, err := input.NewBatches(c, d, 0, loader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer batches.Close()
	var before map[string][]float32
	for step := range 2 {
		b, err := batches.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leaveBounds(t, trainer.Store)
		before = weightsOf(t, trainer.Store) // nothing yet in the first step
		task, transfer, err := trainer.Step(step, b)
		b.Finalize()
		if err != nil {
			t.Fatal(err)
		}
		if !(task > 0) || math.IsInf(task, 0) || math.IsNaN(transfer) || math.IsInf(transfer, 0) {
			t.Errorf("step %d: task loss %g, transfer loss %g", step, task, transfer)
		}
		if (transfer != 0) != trainer.Prepared.Objective.UsesTarget {
			t.Errorf("step %d: transfer loss %g of objective %s", step, transfer, c.Objective)
		}
	}
	after := weightsOf(t, trainer.Store)
	if len(before) < 6 || len(after) != len(before) {
		t.Errorf("%d variables learn, then %d", len(before), len(after))
	}
	for path, values := range after {
		if slices.Equal(values, before[path]) {
			t.Errorf("%s has not moved", path)
		}
		for _, v := range values {
			if v-v != 0 { // infinite or NaN
				t.Errorf("%s has become %g", path, v)
				break
			}
		}
	}
}

// TestEveryNormAndObjective: every norm trains with every objective. The network is
// the head on frozen features, which GoMLX's pure Go backend runs.
func TestEveryNormAndObjective(t *testing.T) {
	backend, err := platform.New("go")
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	d := toyFeatures()
	for _, norm := range rnlayer.All() {
		for _, goal := range objective.All() {
			t.Run(norm.Name+" "+goal.Name, func(t *testing.T) {
				c := toydata.PhotosConfig(t, config.FeaturesFrozen, "unread")
				c.Norm, c.Objective = norm.Name, goal.Name
				c.ObjectiveOptions.DiscriminatorHidden = 8
				c.Optimizer.WeightDecay = 0
				requireLearning(t, backend, c, d)
			})
		}
	}
}

// toyFeatures are the toy digits as the features of a frozen backbone.
func toyFeatures() input.Data {
	d := toydata.Digits()
	for _, s := range []*input.Set{&d.Source, &d.Target, &d.Test} {
		s.Examples = flat{s.Examples}
	}
	return d
}

// flat gives examples one axis.
type flat struct{ loader.Examples }

// Shape implements loader.Examples.
func (f flat) Shape() []int { return []int{input.SizeOf(f.Examples.Shape())} }

// TestEveryNormAndObjectiveOnDigits: the digits network, which has three norms,
// trains with every norm and every objective.
func TestEveryNormAndObjectiveOnDigits(t *testing.T) {
	backend := toydata.Backend(t)
	pairs := make(map[[2]string]bool)
	for _, norm := range rnlayer.All() {
		pairs[[2]string{norm.Name, "cdan-e"}] = true
	}
	for _, goal := range objective.All() {
		pairs[[2]string{"rn", goal.Name}] = true
	}
	for pair := range pairs {
		t.Run(pair[0]+" "+pair[1], func(t *testing.T) {
			c := toydata.DigitsConfig(t, pair[0], pair[1])
			c.BatchSize = 4
			c.Optimizer.WeightDecay = 0
			requireLearning(t, backend, c, toydata.Digits())
		})
	}
}

// TestNewFails: New returns an error and no trainer for a step that the backend
// cannot share and for an optimizer that does not exist.
func TestNewFails(t *testing.T) {
	backend := toydata.Backend(t)
	valid, err := Prepare(toydata.DigitsConfig(t, "rn", "cdan-e"), backbone.Variant{}, environment.Compute{})
	if err != nil {
		t.Fatal(err)
	}
	for want, edit := range map[string]func(*Prepared){
		"has 4":         func(p *Prepared) { p.Devices = 64 }, // after the step's graph is there
		"learning rate": func(p *Prepared) { p.Optimizer.LearningRate = -1 },
		"resnet19":      func(p *Prepared) { p.Config.Network.Backbone = "resnet19" },
	} {
		p := valid
		edit(&p)
		store := model.NewStore()
		trainer, err := New(backend, store, p, 3)
		if trainer != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("trainer %v, error %v, want %q", trainer, err, want)
		}
		if n := store.NumVariables(); n != 0 {
			t.Errorf("%s: %d variables are left", want, n)
		}
		store.Finalize()
	}
}
