package parity

import (
	"fmt"
	"maps"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/verify/golden"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// normPeer is a norm of package rnlayer that a norm of the golden files is
// compared with.
type normPeer struct {
	// name is the norm's name in rnlayer's registry.
	name string
	// parameters are the golden names of the parameters by rnlayer's variable.
	parameters []normParameter
	// statistics lays running statistics out as rnlayer's variables.
	statistics func(c *golden.NormCase, from golden.Arrays) map[string]golden.Array
	// cannot returns why rnlayer's norm computes something else, "" if it does not.
	cannot func(c *golden.NormCase) string
	// statisticsDiffer is why running statistics, and with them inference, are not
	// compared; "" compares them.
	statisticsDiffer string
}

type normParameter struct {
	variable, golden string
	perDomain        bool
}

// DWT's constants in rnlayer.
const (
	whiteningGroup   = 4
	whiteningEpsilon = 1e-3
)

var sharedAffine = []normParameter{{rnlayer.VarScale, "gamma", false}, {rnlayer.VarOffset, "beta", false}}

// normPeers are by the norm's name in the golden files.
var normPeers = map[string][]normPeer{
	"transnorm": {{name: "transnorm", parameters: sharedAffine, statistics: runningMoments}},
	"dsbn": {{name: "dsbn", statistics: runningMoments,
		parameters: []normParameter{{rnlayer.VarScale, "gamma", true}, {rnlayer.VarOffset, "beta", true}}}},
	"domain_bn": {
		{name: "adabn", parameters: sharedAffine, statistics: runningMoments},
		{name: "ds", cannot: func(*golden.NormCase) string {
			return "rnlayer's ds normalizes a training batch with the unbiased variance, as RN does; the authors use the biased one"
		}},
	},
	"dwt":      {{name: "dwt", parameters: sharedAffine, statistics: runningCovariances, cannot: unlikeDWT}},
	"autodial": {{name: "autodial", parameters: []normParameter{{rnlayer.VarAlpha, "alpha", false}}, statisticsDiffer: autoDIALAverages}},
}

const autoDIALAverages = "rnlayer's running averages have a fixed momentum, and the variance of each domain is unbiased; " +
	"the authors divide by the sum of the weights, and n/(n − 1) with the samples n of both domains multiplies the mixture's variance"

// unlikeDWT tells settings apart that rnlayer's DWT does not have.
func unlikeDWT(c *golden.NormCase) string {
	if c.Group != min(whiteningGroup, c.Channels) {
		return fmt.Sprintf("rnlayer whitens groups of %d channels, not of %d", whiteningGroup, c.Group)
	}
	if c.Epsilon != whiteningEpsilon {
		return fmt.Sprintf("rnlayer's epsilon is %g, not %g", whiteningEpsilon, c.Epsilon)
	}
	return ""
}

// Parts of a norm's case whose running statistics are not compared.
const (
	partTraining   = "training"
	partStatistics = "running statistics and inference"
)

// normCases lists the cases of a norm's file.
func normCases(file *golden.File) []Case {
	peers, known := normPeers[file.Norm.Norm]
	if !known {
		return []Case{{File: file, NotRun: fmt.Sprintf("the norm %q is not implemented", file.Norm.Norm)}}
	}
	var all []Case
	for _, peer := range peers {
		name := ""
		if len(peers) > 1 {
			name = peer.name
		}
		if peer.cannot != nil {
			if why := peer.cannot(file.Norm); why != "" {
				all = append(all, Case{File: file, Name: name, NotRun: why})
				continue
			}
		}
		runs := Case{File: file, Name: name, dtypes: bothDTypes, run: func(r *run) error { return r.norm(peer) }}
		if peer.statisticsDiffer != "" {
			runs.Name = partTraining
			all = append(all, runs, Case{File: file, Name: partStatistics, NotRun: peer.statisticsDiffer})
			continue
		}
		all = append(all, runs)
	}
	return all
}

// norm runs the training steps of a norm, then its inference.
func (r *run) norm(peer normPeer) error {
	c := r.file.Norm
	spec, err := rnlayer.Lookup(peer.name)
	if err != nil {
		return err
	}
	options := rnlayer.DefaultOptions()
	options.Epsilon = c.Epsilon
	if c.Momentum > 0 {
		options.Momentum = c.Momentum
	}
	norm := spec.Norm(rnlayer.Sizes(c.DomainRows...), options)

	store := model.NewStore()
	scope := store.RootScope().In(rnlayer.ScopeName)
	for _, p := range peer.parameters {
		v, err := p.array(c, c.Init, "")
		if err != nil {
			return fmt.Errorf("init: %w", err)
		}
		if _, err := scope.CreateVariable(p.variable, r.tensor(v)); err != nil {
			return err
		}
	}
	compareStatistics := peer.statisticsDiffer == ""
	if compareStatistics {
		initial := peer.statistics(c, c.Init)
		for _, name := range slices.Sorted(maps.Keys(initial)) {
			v, err := scope.CreateVariable(name, r.tensor(initial[name]))
			if err != nil {
				return err
			}
			v.SetTrainable(false)
		}
	}
	train, err := model.NewExec(r.backend, store, func(scope *model.Scope, x, upstream *Node) []*Node {
		g := x.Graph()
		scope.Store().SetTraining(g, true)
		y := norm(scope, x)
		wrt := []*Node{x}
		for _, p := range peer.parameters {
			wrt = append(wrt, scope.At(rnlayer.ScopeName).GetVariable(p.variable).NodeValue(g))
		}
		return append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, upstream)), wrt...)...)
	})
	if err != nil {
		return err
	}
	defer train.Finalize()
	for i, step := range c.Steps {
		path := fmt.Sprintf("steps[%d]", i)
		out, err := train.Call(r.tensor(step["x"].ChannelsLast()), r.tensor(step["upstream"].ChannelsLast()))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		names, want := []string{"y", "grad_x"}, []golden.Array{step["y"].ChannelsLast(), step["grad_x"].ChannelsLast()}
		for _, p := range peer.parameters {
			gradient, err := p.array(c, step, "grad_")
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			names, want = append(names, "grad_"+p.golden), append(want, gradient)
		}
		for j, name := range names {
			if err := r.compare(path+"."+name, out[j], want[j], r.tolerance()); err != nil {
				return err
			}
		}
		if !compareStatistics {
			continue
		}
		if err := r.compareVariables(path+".", scope, peer.statistics(c, step)); err != nil {
			return err
		}
	}
	if !compareStatistics {
		return nil
	}
	y, err := model.CallOnce(r.backend, store, norm, r.tensor(c.Eval.X.ChannelsLast()))
	if err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	return r.compare("eval.y", y, c.Eval.Y.ChannelsLast(), r.tolerance())
}

// array is the parameter among golden arrays whose names start with prefix: as it
// is, or stacked over the domains.
func (p normParameter) array(c *golden.NormCase, from golden.Arrays, prefix string) (golden.Array, error) {
	name := prefix + p.golden
	if p.perDomain {
		return perDomain(c, from, name), nil
	}
	a, ok := from[name]
	if !ok {
		return golden.Array{}, fmt.Errorf("%s: the key is missing", name)
	}
	return a, nil
}

// perDomain stacks the arrays name_domain of all domains.
func perDomain(c *golden.NormCase, from golden.Arrays, name string) golden.Array {
	all := make([]golden.Array, len(c.Domains))
	for i, domain := range c.Domains {
		all[i] = from[name+"_"+domain]
	}
	return stack(all...)
}

// runningMoments are the running means and variances.
func runningMoments(c *golden.NormCase, from golden.Arrays) map[string]golden.Array {
	return map[string]golden.Array{
		rnlayer.VarRunningMean:     perDomain(c, from, "running_mean"),
		rnlayer.VarRunningVariance: perDomain(c, from, "running_var"),
	}
}

// runningCovariances are the running means and covariances, of which rnlayer keeps
// the diagonals apart, as variances.
func runningCovariances(c *golden.NormCase, from golden.Arrays) map[string]golden.Array {
	between := perDomain(c, from, "running_cov") // [domains, groups, group, group]
	variance := golden.Array{Shape: []int{len(c.Domains), c.Channels}}
	for i := range between.Data {
		if row, column := i/c.Group%c.Group, i%c.Group; row == column {
			variance.Data = append(variance.Data, between.Data[i])
			between.Data[i] = 0
		}
	}
	return map[string]golden.Array{
		rnlayer.VarRunningMean:       perDomain(c, from, "running_mean"),
		rnlayer.VarRunningVariance:   variance,
		rnlayer.VarRunningCovariance: between,
	}
}
