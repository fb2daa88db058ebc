package oracle

import "fmt"

// Norm is a normalization.
type Norm string

// The normalizations, with v the unbiased variance (divided by n − 1) and w the biased
// one (divided by n).
const (
	// RN is Reciprocal Normalization: y = γ (x − μ̃)/√(ṽ + ε) + β with the aggregated
	// statistics of each domain and shared γ and β. See [Mixing] for its ablations.
	RN Norm = "rn"
	// BN is batch normalization over all rows as PyTorch computes it: μ and w of the
	// batch normalize, μ and v move the single set of running statistics.
	BN Norm = "bn"
	// DS normalizes each domain with its own μ and v, and shared γ and β: RN with gates
	// at 1.
	DS Norm = "ds"
	// DSBN is one BN for each domain, with its own γ and β: w normalizes, v moves the
	// running variance.
	DSBN Norm = "dsbn"
	// AdaBN is DSBN with shared γ and β. Estimating its running statistics again after
	// training is not part of the layer.
	AdaBN Norm = "adabn"
	// AutoDIAL normalizes with the statistics of a mixture of the domains, see
	// [Config.CrossDomain].
	AutoDIAL Norm = "autodial"
	// TransNorm is AdaBN with its output times 1 + α, see [Config.Transferability].
	TransNorm Norm = "transnorm"
	// DWT whitens groups of channels, see [Config.Covariance].
	DWT Norm = "dwt"
)

// Distance is the similarity whose softmax is P, for a and b the statistics of group i of
// the own domain and of group j of the other one.
type Distance string

// The distances, with ā and b̄ the averages over the g channels of the group.
const (
	L2     Distance = "l2"     // −(ā − b̄)²
	L1     Distance = "l1"     // −|ā − b̄|
	Dot    Distance = "dot"    // Σ_k a_k b_k
	Cosine Distance = "cosine" // Σ_k a_k b_k / (√(Σ a_k² + 1e-12) √(Σ b_k² + 1e-12))
)

// Mixing selects how RN mixes the domain's own statistics with those of the others.
type Mixing string

// The mixings, with s a statistic of the domain (mean or variance), ŝ its compensation
// from the other domains, and a the gate.
const (
	// Gated is the whole of RN: a s + (1 − a) ŝ.
	Gated Mixing = "gated"
	// FixedShare is compensation without aggregation: OwnShare s + (1 − OwnShare) ŝ.
	FixedShare Mixing = "fixed_share"
	// SameChannel is aggregation without compensation: a s + (1 − a) t, with t
	// the statistic of the same channel averaged over the other domains.
	SameChannel Mixing = "same_channel"
)

// Statistic selects the statistics that RN mixes. The other one stays the domain's own.
type Statistic string

// The choices of statistics.
const (
	MeanAndVariance Statistic = "mean_and_variance"
	MeanOnly        Statistic = "mean_only"
	VarianceOnly    Statistic = "variance_only"
)

// Config describes a normalization layer. Start from [DefaultConfig].
type Config struct {
	Norm     Norm
	Domains  int // K, at least 2
	Channels int // C
	Epsilon  float64
	// Momentum is the weight of the new statistics in the running ones.
	Momentum float64

	// Whitening is the number of adjacent channels that DWT whitens together.
	Whitening int

	// The remaining fields matter to RN only.
	Group     int // g, adjacent channels of a group; divides Channels
	Distance  Distance
	Mixing    Mixing
	OwnShare  float64 // with FixedShare, the weight of the domain's own statistics
	Statistic Statistic
}

// DefaultConfig is RN as published, for two domains: distance l2, g = 1 below 512
// channels and C/512 from there on, ε = 1e-5, momentum 0.1. DWT whitens groups of four
// channels.
func DefaultConfig(channels int) Config {
	return Config{
		Norm:      RN,
		Domains:   2,
		Channels:  channels,
		Epsilon:   1e-5,
		Momentum:  0.1,
		Whitening: min(4, channels),
		Group:     max(1, channels/512),
		Distance:  L2,
		Mixing:    Gated,
		OwnShare:  0.5,
		Statistic: MeanAndVariance,
	}
}

// State holds a layer's parameters and running statistics, [set][channel]. There is one
// set for each domain, except that BN has a single set of everything and all norms but
// DSBN a single set of γ and β.
type State struct {
	Gamma, Beta            [][]float64
	MeanGate, VarianceGate [][]float64
	Alpha                  []float64 // AutoDIAL's α, one value
	// HeldAlpha, if set, replaces TransNorm's α of the batch, [domain][channel].
	// Numerical derivatives of y need it, because no gradient flows through α.
	HeldAlpha                    [][]float64
	RunningMean, RunningVariance [][]float64
	// RunningCovariance is DWT's, [set][channel][channel of the group]: each channel has
	// a row of its group's matrix. Its diagonal is the running variance.
	RunningCovariance [][][]float64
}

// NewState returns the initial state of a layer: γ, the gates, α and the running
// variances at 1; β, the running means and covariances at 0.
func (c Config) NewState() *State {
	c.mustBeValid()
	affines, statistics := c.Domains, c.Domains
	if c.Norm != DSBN {
		affines = 1
	}
	if c.Norm == BN {
		statistics = 1
	}
	covariances := make([][][]float64, statistics)
	for d := range covariances {
		covariances[d] = filled(c.Channels, c.Whitening, 0)
		for i, row := range covariances[d] {
			row[i%c.Whitening] = 1
		}
	}
	return &State{
		Gamma:           filled(affines, c.Channels, 1),
		Beta:            filled(affines, c.Channels, 0),
		MeanGate:        filled(c.Domains, c.Channels, 1),
		VarianceGate:    filled(c.Domains, c.Channels, 1),
		RunningMean:     filled(statistics, c.Channels, 0),
		Alpha:           []float64{1},
		RunningVariance: filled(statistics, c.Channels, 1),

		RunningCovariance: covariances,
	}
}

func (c Config) mustBeValid() {
	if c.Domains < 2 || c.Channels < 1 || c.Whitening < 1 || c.Epsilon < 0 || c.Momentum < 0 || c.Momentum > 1 {
		panic(fmt.Sprintf("oracle: bad config %+v", c))
	}
	switch c.Norm {
	case DWT:
		if c.Whitening < 1 || c.Channels%c.Whitening != 0 {
			panic(fmt.Sprintf("oracle: whitening of %d does not divide the %d channels", c.Whitening, c.Channels))
		}
		return
	case BN, DS, DSBN, AdaBN, AutoDIAL, TransNorm:
		return
	case RN:
	default:
		panic(fmt.Sprintf("oracle: unknown norm %q", c.Norm))
	}
	if c.Group < 1 || c.Channels%c.Group != 0 {
		panic(fmt.Sprintf("oracle: group %d does not divide the %d channels", c.Group, c.Channels))
	}
	switch c.Distance {
	case L2, L1, Dot, Cosine:
	default:
		panic(fmt.Sprintf("oracle: unknown distance %q", c.Distance))
	}
	switch c.Mixing {
	case Gated, FixedShare, SameChannel:
	default:
		panic(fmt.Sprintf("oracle: unknown mixing %q", c.Mixing))
	}
	switch c.Statistic {
	case MeanAndVariance, MeanOnly, VarianceOnly:
	default:
		panic(fmt.Sprintf("oracle: unknown statistic %q", c.Statistic))
	}
}

func filled(rows, columns int, value float64) [][]float64 {
	out := make([][]float64, rows)
	for i := range out {
		out[i] = make([]float64, columns)
		for j := range out[i] {
			out[i][j] = value
		}
	}
	return out
}
