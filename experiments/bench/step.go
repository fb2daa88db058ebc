package bench

import (
	"fmt"
	"math"
	"time"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/sgd"
	"github.com/reciprocalnorm/rn/experiments/training/dataparallel"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// step is a case's compiled graph with its batch.
type step struct {
	exec           *model.Exec
	spread         *dataparallel.Exec // exec on several devices, nil on one
	images, labels *tensors.Tensor
	inference      bool
	feed           *feed // reads images and labels before every step; nil for one batch of noise
	// compile is the time to build and compile the graph.
	compile time.Duration
	// temporary is the memory, in bytes, that the executable needs in addition to its
	// inputs and outputs; 0 if XLA does not report it.
	temporary int64
}

// newStep compiles a case. The training step is
//
//	forward → cross-entropy over all rows → backward → Nesterov SGD → projection of the gates
//
// with the optimizer's defaults, as in rn train.
func newStep(backend compute.Backend, c Case) (*step, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	p, err := c.prepared()
	if err != nil {
		return nil, err
	}
	network, err := c.network(p)
	if err != nil {
		return nil, err
	}
	opt, err := sgd.New(optimizer(p.Norm))
	if err != nil {
		return nil, err
	}
	projected := rnlayer.WithGateProjection(opt)
	store := model.NewStore()
	s := &step{inference: c.Inference}
	s.images, s.labels = c.batch()
	train := func(scope *model.Scope, x, labels *Node) *Node {
		store.SetTraining(x.Graph(), true)
		loss := objective.CrossEntropy(network(scope.In(config.NetworkScope), x), labels)
		projected.UpdateGraph(scope, x.Graph(), loss)
		return loss
	}
	predict := func(scope *model.Scope, x *Node) *Node { return network(scope.In(config.NetworkScope), x) }
	began := time.Now()
	var g *Graph
	if c.Inference {
		if s.exec, err = model.NewExec(backend, store, predict); err == nil {
			g, err = s.exec.Compile(s.images.Shape())
		}
	} else {
		if s.exec, err = model.NewExec(backend, store, train); err == nil {
			g, err = s.compileTraining(backend, c.devices())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s with %s: %w", c.Backbone, c.Norm, err)
	}
	s.compile = time.Since(began)
	s.temporary = temporaryBytes(g.Executable())
	if c.Photos != "" {
		if s.feed, err = newFeed(c); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

// optimizer returns the optimizer's defaults with the rules for a norm's variables.
// A run's rules for its head and discriminator do not fit: a case has neither.
func optimizer(norm rnlayer.Spec) sgd.Config {
	o := sgd.Default()
	for _, name := range norm.NoDecay {
		o.Rules = append(o.Rules, sgd.Rule{Prefix: model.JoinPath("/", config.NetworkScope), Name: name, LearningRate: 1})
	}
	return o
}

// close frees the step.
func (s *step) close() {
	if s.feed != nil {
		s.feed.loader.Close()
	}
	s.exec.Finalize()
}

// take runs one step and returns how long it took.
func (s *step) take() (Took, error) {
	var took Took
	if s.feed != nil {
		for _, t := range []*tensors.Tensor{s.images, s.labels} {
			if err := t.FinalizeAll(); err != nil {
				return took, err
			}
		}
		var err error
		if s.images, s.labels, took.Wait, err = s.feed.next(); err != nil {
			return took, err
		}
	}
	began := time.Now()
	err := s.run()
	took.Step = time.Since(began)
	return took, err
}

// compileTraining compiles the training step for the given number of devices.
func (s *step) compileTraining(backend compute.Backend, devices int) (g *Graph, err error) {
	images, labels := s.images.Shape(), s.labels.Shape()
	if devices == 1 {
		return s.exec.Compile(images, labels)
	}
	if s.spread, err = dataparallel.New(backend, s.exec, devices); err != nil {
		return nil, err
	}
	return s.spread.Compile(images, labels)
}

// call starts one step.
func (s *step) call() ([]*tensors.Tensor, error) {
	switch {
	case s.inference:
		return s.exec.Call(s.images)
	case s.spread != nil:
		return s.spread.Call(s.images, s.labels)
	default:
		return s.exec.Call(s.images, s.labels)
	}
}

// run runs one step, waits for its end and checks that the output is finite.
func (s *step) run() error {
	out, err := s.call()
	if err != nil {
		return err
	}
	values := tensors.MustCopyFlatData[float32](out[0])
	if err := out[0].FinalizeAll(); err != nil {
		return err
	}
	for _, v := range values {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("the step's output is not finite: it has a %g", v)
		}
	}
	return nil
}
