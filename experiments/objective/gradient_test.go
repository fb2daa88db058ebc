package objective_test

import (
	"fmt"
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/objective"
)

// inputs are the inputs of an objective in float64. The domains have different numbers
// of rows.
type inputs struct {
	sourceLogits, targetLogits, sourceFeatures, targetFeatures [][]float64
	labels                                                     []int32
	lambda                                                     float64
}

const (
	classes = 3
	width   = 2
	hidden  = 4
)

func newInputs() *inputs {
	return &inputs{
		sourceLogits: normal(11, 4, classes), targetLogits: normal(12, 6, classes),
		sourceFeatures: normal(13, 4, width), targetFeatures: normal(14, 6, width),
		labels: []int32{2, 0, 1, 1}, lambda: 0.37,
	}
}

// matrices returns the inputs that have gradients, in the order of
// evaluation.gradients.
func (in *inputs) matrices() [][][]float64 {
	return [][][]float64{in.sourceLogits, in.targetLogits, in.sourceFeatures, in.targetFeatures}
}

var matrixNames = []string{"source logits", "target logits", "source features", "target features"}

// underTest is an objective of the registry with its variables.
type underTest struct {
	store *model.Store
	exec  *model.Exec
}

func newUnderTest(t *testing.T, name string, o objective.Options) *underTest {
	t.Helper()
	spec, err := objective.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	losses := spec.New(o)
	u := &underTest{store: seededStore(t, 3)}
	u.exec = model.MustNewExec(backend, u.store, func(scope *model.Scope, in []*Node) []*Node {
		g := in[0].Graph()
		scope.Store().SetTraining(g, true)
		l := losses(scope, objective.Batch{
			SourceLogits: in[0], TargetLogits: in[1], SourceFeatures: in[2], TargetFeatures: in[3],
			SourceLabels: in[4], Lambda: in[5],
		})
		total, transfer := l.Task, ScalarZero(g, l.Task.DType())
		if l.Transfer != nil {
			total, transfer = Add(total, l.Transfer), l.Transfer
		}
		wrt := in[:4:4]
		for v := range scope.IterVariables() {
			if v.Trainable && v.InUseByGraph(g) {
				wrt = append(wrt, v.NodeValue(g))
			}
		}
		return append([]*Node{l.Task, transfer}, Gradient(total, wrt...)...)
	})
	return u
}

// evaluation is an objective's losses with the gradients of their sum.
type evaluation struct {
	task, transfer float64
	gradients      [][]float64          // one for each of inputs.matrices
	variables      map[string][]float64 // gradients by variable path
}

func (u *underTest) evaluate(t *testing.T, in *inputs) evaluation {
	t.Helper()
	out, err := u.exec.Call(in.sourceLogits, in.targetLogits, in.sourceFeatures, in.targetFeatures, in.labels, in.lambda)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	e := evaluation{task: tensors.ToScalar[float64](out[0]), transfer: tensors.ToScalar[float64](out[1]), variables: map[string][]float64{}}
	for _, gradient := range out[2:6] {
		e.gradients = append(e.gradients, tensors.MustCopyFlatData[float64](gradient))
	}
	for i, v := range u.trainable() {
		e.variables[v.Path()] = tensors.MustCopyFlatData[float64](out[6+i])
	}
	return e
}

func (u *underTest) trainable() []*model.Variable {
	var variables []*model.Variable
	for v := range u.store.IterVariables() {
		if v.Trainable {
			variables = append(variables, v)
		}
	}
	return variables
}

// drawBiases replaces the biases by random values. With biases of 0 a hidden value can
// be exactly 0, where ReLU has no derivative.
func (u *underTest) drawBiases(t *testing.T) {
	t.Helper()
	for i, v := range u.trainable() {
		if v.Name() != "biases" {
			continue
		}
		size := v.Shape().Size()
		values := normal(uint64(i), 1, size)[0]
		if err := v.SetValue(tensors.FromFlatDataAndDimensions(values, size)); err != nil {
			t.Fatal(err)
		}
	}
}

const difference = 1e-5

// central returns the derivative of f with respect to *x, by central differences.
func central(x *float64, f func() float64) float64 {
	old := *x
	*x = old + difference
	high := f()
	*x = old - difference
	low := f()
	*x = old
	return (high - low) / (2 * difference)
}

func requireClose(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9+1e-6*math.Abs(want)) {
		t.Errorf("gradient of %s = %.9g, want %.9g", what, got, want)
	}
}

// TestGradients compares the gradients of every objective with central differences of
// its losses. Gradients of the discriminator's variables equal them; gradients of
// features equal them times −λ. Logits get the gradient of the task loss and, in the
// objective "entropy", of the transfer loss; in CDAN+E they also get the gradient of
// the weights' entropy times −λ.
func TestGradients(t *testing.T) {
	for _, test := range []struct {
		name, objective string
		edit            func(*objective.Options)
	}{
		{"source-only", "source-only", func(*objective.Options) {}},
		{"entropy", "entropy", func(*objective.Options) {}},
		{"dann", "dann", func(*objective.Options) {}},
		{"cdan", "cdan", func(*objective.Options) {}},
		{"cdan, weight 0.3", "cdan", func(o *objective.Options) { o.TransferWeight = 0.3 }},
		{"cdan, random layer", "cdan", func(o *objective.Options) { o.RandomDim = 5 }},
		{"cdan-e", "cdan-e", func(*objective.Options) {}},
		{"cdan-e, random layer", "cdan-e", func(o *objective.Options) { o.RandomDim = 5 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := objective.DefaultOptions()
			o.DiscriminatorHidden, o.Dropout = hidden, 0
			test.edit(&o)
			in, u := newInputs(), newUnderTest(t, test.objective, o)
			u.evaluate(t, in)
			u.drawBiases(t)
			base := u.evaluate(t, in)

			task := func() float64 { return u.evaluate(t, in).task }
			transfer := func() float64 { return u.evaluate(t, in).transfer }
			for m, matrix := range in.matrices() {
				logits := m < 2
				for i := range matrix {
					for j := range matrix[i] {
						x := &matrix[i][j]
						var want float64
						switch {
						case !logits && test.objective != "source-only" && test.objective != "entropy":
							want = -in.lambda * central(x, transfer)
						case logits:
							want = central(x, task)
							if test.objective == "entropy" {
								want += central(x, transfer)
							}
							if test.objective == "cdan-e" {
								want -= in.lambda * o.TransferWeight * central(x, newCertainty(t, u, in, o).loss)
							}
						}
						requireClose(t, fmt.Sprintf("%s[%d][%d]", matrixNames[m], i, j), base.gradients[m][i*len(matrix[i])+j], want)
					}
				}
			}
			for _, v := range u.trainable() {
				value := tensors.MustCopyFlatData[float64](v.MustValue())
				set := func() float64 {
					if err := v.SetValue(tensors.FromFlatDataAndDimensions(append([]float64{}, value...), v.Shape().Dimensions...)); err != nil {
						t.Fatal(err)
					}
					return transfer()
				}
				for i := range value {
					requireClose(t, fmt.Sprintf("%s[%d]", v.Path(), i), base.variables[v.Path()][i], central(&value[i], set))
				}
				set() // restores the old value
			}
		})
	}
}

// TestLambdaZero checks that with λ = 0 no gradient of the transfer loss reaches the
// network, and that the discriminator still learns.
func TestLambdaZero(t *testing.T) {
	o := objective.DefaultOptions()
	o.DiscriminatorHidden, o.Dropout = hidden, 0
	for _, spec := range objective.All() {
		if !spec.Adversarial {
			continue
		}
		in, u := newInputs(), newUnderTest(t, spec.Name, o)
		in.lambda = 0
		e, task := u.evaluate(t, in), newUnderTest(t, "source-only", o).evaluate(t, in)
		for m, gradient := range e.gradients {
			for i, v := range gradient {
				if v != task.gradients[m][i] {
					t.Errorf("%s: the gradient of %s is %g at %d, want %g, the gradient of the task loss", spec.Name, matrixNames[m], v, i, task.gradients[m][i])
				}
			}
		}
		norm := 0.0
		for _, gradient := range e.variables {
			for _, v := range gradient {
				norm += v * v
			}
		}
		if len(e.variables) != 6 || norm < 1e-6 {
			t.Errorf("%s: the gradients of %d discriminator variables have the squared norm %g", spec.Name, len(e.variables), norm)
		}
	}
}

// certainty is CDAN+E in plain Go as a function of the entropies alone. The binary
// cross-entropies and the sums of weights are constants, computed from the inputs that
// newCertainty got.
type certainty struct {
	in        *inputs
	bce, sums []float64
	sources   int
}

func newCertainty(t *testing.T, u *underTest, in *inputs, o objective.Options) *certainty {
	t.Helper()
	c := &certainty{in: in, sources: len(in.sourceLogits), sums: make([]float64, 2)}
	variable := func(path string) []float64 {
		v := u.store.GetVariable(path)
		if v == nil {
			t.Fatalf("no variable %s", path)
		}
		return tensors.MustCopyFlatData[float64](v.MustValue())
	}
	layer := func(name string, x []float64, relu bool) []float64 {
		w, y := variable("/discriminator/"+name+"/dense/weights"), variable("/discriminator/"+name+"/dense/biases")
		for j := range y {
			for i := range x {
				y[j] += x[i] * w[i*len(y)+j]
			}
			if relu {
				y[j] = math.Max(y[j], 0)
			}
		}
		return y
	}
	for n, features := range append(append([][]float64{}, in.sourceFeatures...), in.targetFeatures...) {
		p := softmax(c.logits(n))
		var x []float64
		if o.RandomDim == 0 {
			for _, q := range p {
				for _, f := range features {
					x = append(x, q*f)
				}
			}
		} else {
			rf, rp := variable("/random_layer/features"), variable("/random_layer/predictions")
			for d := range o.RandomDim {
				f, q := 0.0, 0.0
				for i, v := range features {
					f += v * rf[i*o.RandomDim+d]
				}
				for i, v := range p {
					q += v * rp[i*o.RandomDim+d]
				}
				x = append(x, f*q/math.Sqrt(float64(o.RandomDim)))
			}
		}
		z := layer("output", layer("hidden2", layer("hidden1", x, true), true), false)[0]
		if c.domain(n) == 0 {
			z = -z
		}
		c.bce = append(c.bce, math.Log1p(math.Exp(z)))
		c.sums[c.domain(n)] += c.weight(n)
	}
	return c
}

func (c *certainty) domain(n int) int {
	if n < c.sources {
		return 0
	}
	return 1
}

func (c *certainty) logits(n int) []float64 {
	if n < c.sources {
		return c.in.sourceLogits[n]
	}
	return c.in.targetLogits[n-c.sources]
}

// weight returns 1 + e^(−H) for a row, where H has the epsilon 1e-5.
func (c *certainty) weight(n int) float64 {
	h := 0.0
	for _, p := range softmax(c.logits(n)) {
		h -= p * math.Log(p+1e-5)
	}
	return 1 + math.Exp(-h)
}

func (c *certainty) loss() float64 {
	sum := 0.0
	for n, bce := range c.bce {
		sum += c.weight(n) / c.sums[c.domain(n)] * bce
	}
	return sum / 2 // the weights of a domain sum to 1
}

// TestCertaintyValue compares the value of CDAN+E with the formula in plain Go.
func TestCertaintyValue(t *testing.T) {
	for _, dim := range []int{0, 5} {
		o := objective.Options{TransferWeight: 1, DiscriminatorHidden: hidden, RandomDim: dim}
		in, u := newInputs(), newUnderTest(t, "cdan-e", o)
		got := u.evaluate(t, in).transfer
		if want := newCertainty(t, u, in, o).loss(); math.Abs(got-want) > 1e-14 {
			t.Errorf("random dim %d: CDAN+E = %.17g, want %.17g", dim, got, want)
		}
	}
}
