package sgd_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/sgd"
	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

func TestValidate(t *testing.T) {
	if err := sgd.Default().Validate(); err != nil {
		t.Errorf("defaults: %v", err)
	}
	rule := func(r sgd.Rule) func(*sgd.Config) { return func(c *sgd.Config) { c.Rules = []sgd.Rule{r} } }
	for _, test := range []struct {
		edit func(*sgd.Config)
		want string
	}{
		{func(c *sgd.Config) { c.LearningRate = 0 }, "learning rate is 0"},
		{func(c *sgd.Config) { c.LearningRate = math.NaN() }, "learning rate is NaN"},
		{func(c *sgd.Config) { c.Gamma = -1 }, "gamma of the inverse decay is -1"},
		{func(c *sgd.Config) { c.Power = math.Inf(1) }, "power of the inverse decay is +Inf"},
		{func(c *sgd.Config) { c.Momentum = 1 }, "momentum is 1"},
		{func(c *sgd.Config) { c.Momentum = 0 }, "Nesterov momentum needs"},
		{func(c *sgd.Config) { c.WeightDecay = -5e-4 }, "weight decay is -0.0005"},
		{func(c *sgd.Config) { c.MaxGradNorm = -1 }, "maximum gradient norm is -1"},
		{rule(sgd.Rule{Name: "gate", WeightDecay: 0}), `name "gate": the multiplier of the learning rate is 0`},
		{rule(sgd.Rule{LearningRate: math.Inf(1), WeightDecay: 1}), "multiplier of the learning rate is +Inf"},
		{rule(sgd.Rule{Prefix: "/a", LearningRate: 1, WeightDecay: -1}), `prefix "/a", name "": the multiplier of the weight decay is -1`},
	} {
		c := sgd.Default()
		test.edit(&c)
		requireError(t, c.Validate(), test.want)
		if o, err := sgd.New(c); o != nil || err == nil || !strings.HasPrefix(err.Error(), "sgd: ") {
			t.Errorf("New returns %v, %v", o, err)
		}
	}
}

func TestRateGolden(t *testing.T) {
	file, err := golden.ReadEmbedded("losses.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, point := range file.Losses.InverseDecayLR {
		c := sgd.Default()
		c.LearningRate = point.Base
		if got := c.Rate(point.Iteration); math.Abs(got-point.Value) > 1e-12*point.Value {
			t.Errorf("rate of iteration %d = %.17g, want %.17g", point.Iteration, got, point.Value)
		}
	}
}

func TestConfigJSON(t *testing.T) {
	c := sgd.Default()
	c.MaxGradNorm = 5
	c.Rules = []sgd.Rule{{Prefix: "/model/head", LearningRate: 10, WeightDecay: 1}, {Name: "gate", LearningRate: 1}}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back sgd.Config
	if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(back, c) {
		t.Errorf("%s is read back as %+v, %v", data, back, err)
	}
}

func TestRuleJSON(t *testing.T) {
	for _, test := range []struct {
		json string
		want sgd.Rule
		err  string
	}{
		{`{"prefix":"/head","learning_rate":10}`, sgd.Rule{Prefix: "/head", LearningRate: 10, WeightDecay: 1}, ""},
		{`{"name":"gate","weight_decay":0}`, sgd.Rule{Name: "gate", LearningRate: 1}, ""},
		{`{"prefix":"/head","lr":10}`, sgd.Rule{}, `unknown field "lr"`},
		{`{"prefix":3}`, sgd.Rule{}, "prefix"},
		{`[]`, sgd.Rule{}, "sgd: rule []"},
	} {
		var got sgd.Rule
		err := json.Unmarshal([]byte(test.json), &got)
		if test.err != "" {
			requireError(t, err, test.err)
		} else if err != nil || got != test.want {
			t.Errorf("%s is read as %+v, %v, want %+v", test.json, got, err, test.want)
		}
	}
}

// FuzzRuleJSON checks that a rule that can be read survives writing and reading.
func FuzzRuleJSON(f *testing.F) {
	f.Add([]byte(`{"prefix":"/head","name":"weights","learning_rate":10,"weight_decay":0}`))
	f.Add([]byte(`null`))
	f.Add([]byte(`{"learning_rate":1e400}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var first, second sgd.Rule
		if json.Unmarshal(data, &first) != nil {
			return
		}
		written, err := json.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(written, &second); err != nil || first != second {
			t.Errorf("%+v is written as %s and read back as %+v, %v", first, written, second, err)
		}
	})
}
