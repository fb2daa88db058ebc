package sgd_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/reciprocalnorm/rn/experiments/sgd"
)

// problem is a loss, Σ_k a_k/2 · Σ_i (w_ki − t_k)² plus the product of the first
// values of the first two variables. Each variable k has its own curvature and
// minimum.
type problem struct {
	paths     []string
	initial   [][]float64
	curvature []float64
	target    []float64
}

var sample = problem{
	paths:     []string{"/model/body/weights", "/model/head/weights", "/model/head/gate", "/model/head2/weights"},
	initial:   [][]float64{{1, -2, 0.5}, {3}, {0.7, 0.9}, {-1, 4}},
	curvature: []float64{1, 0.5, 2, 0.1},
	target:    []float64{-0.3, 0.2, 1, 3},
}

// loss adds the loss and its variables to the graph.
func (p problem) loss(scope *model.Scope, g *Graph) *Node {
	var loss *Node
	var first []*Node
	for k, path := range p.paths {
		w := scope.Store().VariableWithValue(path, p.initial[k]).NodeValue(g)
		term := MulScalar(ReduceAllSum(Square(AddScalar(w, -p.target[k]))), p.curvature[k]/2)
		first = append(first, Squeeze(Slice(w, AxisElem(0))))
		if loss == nil {
			loss = term
		} else {
			loss = Add(loss, term)
		}
	}
	return Add(loss, Mul(first[0], first[1]))
}

// gradients returns the gradients of the loss, in plain Go.
func (p problem) gradients(w [][]float64) [][]float64 {
	out := make([][]float64, len(w))
	for k := range w {
		for _, v := range w[k] {
			out[k] = append(out[k], p.curvature[k]*(v-p.target[k]))
		}
	}
	out[0][0] += w[1][0]
	out[1][0] += w[0][0]
	return out
}

// oracle is PyTorch's torch.optim.SGD with clip_grad_norm_, in plain Go. The first
// step sets buf = d explicitly, as PyTorch does.
type oracle struct {
	config      sgd.Config
	rate, decay []float64 // multipliers of each variable
	w, buf      [][]float64
}

func newOracle(p problem, c sgd.Config, rate, decay []float64) *oracle {
	o := &oracle{config: c, rate: rate, decay: decay, buf: make([][]float64, len(p.initial))}
	for _, w := range p.initial {
		o.w = append(o.w, append([]float64{}, w...))
	}
	return o
}

func (o *oracle) step(gradients [][]float64, iteration int) {
	c, norm, scale := o.config, 0.0, 1.0
	for _, g := range gradients {
		for _, v := range g {
			norm += v * v
		}
	}
	if c.MaxGradNorm > 0 {
		scale = math.Min(1, c.MaxGradNorm/(math.Sqrt(norm)+1e-6))
	}
	lr := c.LearningRate * math.Pow(1+c.Gamma*float64(iteration), -c.Power)
	for k, w := range o.w {
		fresh := o.buf[k] == nil
		if fresh {
			o.buf[k] = make([]float64, len(w))
		}
		for i := range w {
			d := scale*gradients[k][i] + c.WeightDecay*o.decay[k]*w[i]
			if c.Momentum != 0 {
				if fresh {
					o.buf[k][i] = d
				} else {
					o.buf[k][i] = c.Momentum*o.buf[k][i] + d
				}
				if c.Nesterov {
					d += c.Momentum * o.buf[k][i]
				} else {
					d = o.buf[k][i]
				}
			}
			w[i] -= lr * o.rate[k] * d
		}
	}
}

func TestPyTorchRule(t *testing.T) {
	rules := []sgd.Rule{
		{Prefix: "/model/head", LearningRate: 10, WeightDecay: 1},
		{Name: "gate", LearningRate: 0.5, WeightDecay: 3},
		{Prefix: "/model/body/weights", LearningRate: 1, WeightDecay: 0},
		{LearningRate: 2, WeightDecay: 1}, // matches all
	}
	rate, decay := []float64{2, 20, 10, 2}, []float64{0, 1, 3, 1}
	ones := []float64{1, 1, 1, 1}
	for _, test := range []struct {
		name        string
		edit        func(*sgd.Config)
		rate, decay []float64
	}{
		{"defaults", func(c *sgd.Config) {}, ones, ones},
		{"rules", func(c *sgd.Config) { c.Rules = rules }, rate, decay},
		{"fast decay", func(c *sgd.Config) { c.Gamma, c.Power, c.Rules = 0.5, 1.25, rules }, rate, decay},
		{"constant rate", func(c *sgd.Config) { c.Gamma = 0 }, ones, ones},
		{"momentum", func(c *sgd.Config) { c.Nesterov = false }, ones, ones},
		{"plain", func(c *sgd.Config) { c.Nesterov, c.Momentum = false, 0 }, ones, ones},
		{"no decay", func(c *sgd.Config) { c.WeightDecay = 0 }, ones, ones},
		{"clipped", func(c *sgd.Config) { c.MaxGradNorm, c.Rules = 0.5, rules }, rate, decay},
		{"clipped above the norm", func(c *sgd.Config) { c.MaxGradNorm = 100 }, ones, ones},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := sgd.Default()
			c.LearningRate, c.WeightDecay = 0.01, 0.05 // large enough for every setting to matter
			test.edit(&c)
			store, opt := model.NewStore(), newOptimizer(t, c)
			exec := model.MustNewExec(backend, store, func(scope *model.Scope, g *Graph) *Node {
				loss := sample.loss(scope, g)
				opt.UpdateGraph(scope, g, loss)
				return loss
			})
			want := newOracle(sample, c, test.rate, test.decay)
			for i := range 60 {
				exec.MustCall1()
				want.step(sample.gradients(want.w), i)
				for k, path := range sample.paths {
					for j, got := range values(t, store, path) {
						if !(math.Abs(got-want.w[k][j]) <= 1e-12*(1+math.Abs(want.w[k][j]))) {
							t.Fatalf("step %d: %s[%d] = %.17g, want %.17g", i, path, j, got, want.w[k][j])
						}
					}
				}
			}
			if got := optimizer.GetGlobalStep(store); got != 60 {
				t.Errorf("the global step is %d after 60 steps", got)
			}
		})
	}
}

// TestLateSteps derives the learning rate from an update late in training, where
// float32 no longer tells 1 + step from step. The loss is float32.
func TestLateSteps(t *testing.T) {
	const step = 1 << 24 // float32 cannot hold the global step, which is one more
	c := sgd.Config{LearningRate: 1, Gamma: 1, Power: 1}
	store, opt := model.NewStore(), newOptimizer(t, c)
	if err := optimizer.GetGlobalStepVar(store).SetValue(tensors.FromScalar(int64(step))); err != nil {
		t.Fatal(err)
	}
	model.MustCallOnce(backend, store, func(scope *model.Scope, g *Graph) *Node {
		w := scope.VariableWithValue("w", 0.0).NodeValue(g)
		loss := ConvertDType(Neg(w), dtypes.Float32)
		opt.UpdateGraph(scope, g, loss)
		return loss
	})
	got := values(t, store, "/w")[0]
	if want := c.Rate(step); math.Abs(got-want) > 1e-15*want {
		t.Errorf("rate of step %d is %.17g, want %.17g", step, got, want)
	}
}

// TestDTypes checks that variables of different dtypes keep them.
func TestDTypes(t *testing.T) {
	c := sgd.Default()
	c.LearningRate, c.MaxGradNorm = 0.5, 10
	store, opt := model.NewStore(), newOptimizer(t, c)
	exec := model.MustNewExec(backend, store, func(scope *model.Scope, g *Graph) *Node {
		a := scope.VariableWithValue("a", float32(1)).NodeValue(g)
		b := scope.VariableWithValue("b", 1.0).NodeValue(g)
		loss := Add(Square(a), ConvertDType(Square(b), dtypes.Float32))
		opt.UpdateGraph(scope, g, loss)
		return loss
	})
	for range 3 {
		exec.MustCall1()
	}
	a, b := tensors.ToScalar[float32](store.GetVariable("/a").MustValue()), values(t, store, "/b")[0]
	if math.Abs(float64(a)-b) > 1e-5 || a == 1 {
		t.Errorf("the float32 variable is %g, the float64 variable %g", a, b)
	}
}

// TestVelocities checks that momentum buffers have the documented paths and are not
// trainable, and that Clear removes them and nothing else.
func TestVelocities(t *testing.T) {
	store, opt := model.NewStore(), newOptimizer(t, sgd.Default())
	exec := model.MustNewExec(backend, store, func(scope *model.Scope, g *Graph) *Node {
		loss := sample.loss(scope, g)
		opt.UpdateGraph(scope, g, loss)
		return loss
	})
	exec.MustCall1()
	for _, path := range sample.paths {
		v := store.GetVariable("/optimizers/sgd" + path)
		if v == nil {
			t.Fatalf("no buffer for %s", path)
		}
		if v.Trainable {
			t.Errorf("%s is trainable", v.Path())
		}
	}
	if n := store.NumVariables(); n != 2*len(sample.paths)+1 { // with the global step
		t.Errorf("%d variables", n)
	}
	if err := opt.Clear(store.RootScope()); err != nil {
		t.Fatal(err)
	}
	if n := store.NumVariables(); n != len(sample.paths)+1 {
		t.Errorf("%d variables after Clear", n)
	}
}

// TestFrozen checks that a step does not change a variable that is not trainable.
func TestFrozen(t *testing.T) {
	store, opt := model.NewStore(), newOptimizer(t, sgd.Default())
	model.MustCallOnce(backend, store, func(scope *model.Scope, g *Graph) *Node {
		frozen := scope.VariableWithValue("frozen", 2.0).SetTrainable(false).NodeValue(g)
		loss := Mul(frozen, scope.VariableWithValue("w", 3.0).NodeValue(g))
		opt.UpdateGraph(scope, g, loss)
		return loss
	})
	if got := values(t, store, "/frozen")[0]; got != 2 {
		t.Errorf("the frozen variable is %g, want 2", got)
	}
	if got := values(t, store, "/w")[0]; got == 3 {
		t.Error("the trainable variable has not moved")
	}
}

// TestCheckpoint interrupts training and continues it in another store.
func TestCheckpoint(t *testing.T) {
	c := sgd.Default()
	c.LearningRate = 0.05
	train := func(store *model.Store, steps int) {
		opt := newOptimizer(t, c)
		exec := model.MustNewExec(backend, store, func(scope *model.Scope, g *Graph) *Node {
			loss := sample.loss(scope, g)
			opt.UpdateGraph(scope, g, loss)
			return loss
		})
		for range steps {
			exec.MustCall1()
		}
	}
	whole := model.NewStore()
	train(whole, 9)

	dir, first := t.TempDir(), model.NewStore()
	saver, err := checkpoint.Build(first).Dir(dir).Done()
	if err != nil {
		t.Fatal(err)
	}
	train(first, 4)
	if err := saver.Save(); err != nil {
		t.Fatal(err)
	}
	second := model.NewStore()
	if _, err := checkpoint.Load(second).Dir(dir).Done(); err != nil {
		t.Fatal(err)
	}
	train(second, 5)
	for _, path := range sample.paths {
		for _, path := range []string{path, "/optimizers/sgd" + path} {
			if got, want := fmt.Sprint(values(t, second, path)), fmt.Sprint(values(t, whole, path)); got != want {
				t.Errorf("%s is %s after an interruption, want %s", path, got, want)
			}
		}
	}
}
