package rnlayer

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Distance is the similarity of channels whose softmax is the correlation P of two
// domains.
type Distance string

// The distances, for a and b the statistics of a group of channels in the two domains,
// [group size], and ā and b̄ their averages over the group.
const (
	DistanceL2     Distance = "l2"     // −(ā − b̄)², the paper's
	DistanceL1     Distance = "l1"     // −|ā − b̄|
	DistanceDot    Distance = "dot"    // ⟨a, b⟩, called "cosine" in the authors' code
	DistanceCosine Distance = "cosine" // ⟨a, b⟩/(‖a‖ ‖b‖), whether signs agree for groups of one channel
)

// Distances lists all distances, the default first.
func Distances() []Distance { return []Distance{DistanceL2, DistanceL1, DistanceDot, DistanceCosine} }

// Share selects the statistics that domains share, by compensation and aggregation.
type Share string

// The shared statistics. A statistic that is not shared stays the domain's own.
const (
	ShareBoth     Share = "both"     // mean and variance, the paper's
	ShareMean     Share = "mean"     // mean only
	ShareVariance Share = "variance" // variance only
)

// Evaluation selects the statistics with which inference normalizes: the running
// statistics of a domain, given by its index from 0, or a named value. Its text is
// "target", "source", "batch" or an index.
type Evaluation int

// Named evaluations.
const (
	EvalSource Evaluation = 0  // running statistics of the first domain
	EvalTarget Evaluation = -1 // running statistics of the last domain, the paper's and the default
	EvalBatch  Evaluation = -2 // statistics of the batch itself, as one domain
)

// String implements fmt.Stringer.
func (e Evaluation) String() string {
	switch e {
	case EvalSource:
		return "source"
	case EvalTarget:
		return "target"
	case EvalBatch:
		return "batch"
	default:
		return strconv.Itoa(int(e))
	}
}

// MarshalText implements encoding.TextMarshaler.
func (e Evaluation) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (e *Evaluation) UnmarshalText(text []byte) error {
	for _, named := range []Evaluation{EvalSource, EvalTarget, EvalBatch} {
		if string(text) == named.String() {
			*e = named
			return nil
		}
	}
	i, err := strconv.Atoi(string(text))
	if err != nil || i < 0 {
		return fmt.Errorf("evaluation is %q: want target, source, batch or the index of a domain", text)
	}
	*e = Evaluation(i)
	return nil
}

// Options are the settings of a norm layer. Those of compensation and aggregation
// matter to RN only. Start from [DefaultOptions]: the zero value is not valid.
type Options struct {
	// Epsilon is added to the variance. Default 1e-5 (PyTorch's, as in the authors'
	// code). DWT has its own constant.
	Epsilon float64 `json:"epsilon"`
	// Momentum is the weight of the new value in the running statistics, in (0, 1].
	// Default 0.1 (PyTorch's convention, as in the authors' code; GoMLX's
	// norm.BatchNorm counts the other way round).
	Momentum float64 `json:"momentum"`
	// Evaluation selects the statistics of inference. Default EvalTarget (the paper's).
	Evaluation Evaluation `json:"evaluation"`
	// UniformScale draws the initial γ from U(0, 1), as the authors' code does for the
	// new layers of its bottleneck. Default false: γ starts at 1.
	UniformScale bool `json:"uniform_scale"`

	// Compensate turns reciprocal compensation (RC) on: a statistic is looked up among
	// all channels of the other domain. Off, it is the statistic of the same channel.
	// Default true.
	Compensate bool `json:"compensate"`
	// Aggregate turns reciprocal aggregation (RA) on: learned gates. Off, every gate is
	// the constant OwnShare. Default true.
	Aggregate bool `json:"aggregate"`
	// OwnShare is the weight of the domain's own statistics if Aggregate is off, in
	// [0, 1]; 0 replaces them in full. Default 0.5, equal weights.
	OwnShare float64 `json:"own_share"`
	// GateMin is the lower end of the range [GateMin, 1] of RN's gates and of
	// AutoDIAL's α, in [0, 1]. Default 0.5 (both papers').
	GateMin float64 `json:"gate_min"`
	// Share selects the statistics that domains share. Default ShareBoth (the paper's).
	Share Share `json:"share"`
	// Distance compares the statistics of channels. Default DistanceL2 (the paper's).
	Distance Distance `json:"distance"`
	// GroupSize is the number of adjacent channels that are compared as one; it must
	// divide the number of channels. Default 0: [PaperGroupSize].
	GroupSize int `json:"group_size"`
}

// DefaultOptions are the paper's settings.
func DefaultOptions() Options {
	return Options{
		Epsilon:    1e-5,
		Momentum:   0.1,
		Evaluation: EvalTarget,
		Compensate: true,
		Aggregate:  true,
		OwnShare:   0.5,
		GateMin:    0.5,
		Share:      ShareBoth,
		Distance:   DistanceL2,
	}
}

// PaperGroupSize is the number of channels in a group as in the paper: 1 below 512
// channels, otherwise channels/512.
func PaperGroupSize(channels int) int { return max(1, channels/512) }

// Validate returns an error that names every setting that is out of range.
func (o Options) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(o.Epsilon > 0 && !math.IsInf(o.Epsilon, 1), "epsilon is %g: it must be positive", o.Epsilon)
	check(o.Momentum > 0 && o.Momentum <= 1, "momentum is %g: it must be in (0, 1], the weight of the new value", o.Momentum)
	check(o.Evaluation >= EvalBatch, "evaluation is %d: want target, source, batch or the index of a domain", int(o.Evaluation))
	check(o.OwnShare >= 0 && o.OwnShare <= 1, "own share is %g: it must be in [0, 1]", o.OwnShare)
	check(o.GateMin >= 0 && o.GateMin <= 1, "gate minimum is %g: it must be in [0, 1]", o.GateMin)
	check(slices.Contains(Distances(), o.Distance), "distance is %q: want one of %q", o.Distance, Distances())
	choices := []Share{ShareBoth, ShareMean, ShareVariance}
	check(slices.Contains(choices, o.Share), "share is %q: want one of %q", o.Share, choices)
	check(o.GroupSize >= 0, "group size is %d: it must be positive, or 0 for the paper's", o.GroupSize)
	return errors.Join(errs...)
}

// groupSize returns the number of channels in a group for a layer of so many channels.
func (o Options) groupSize(channels int) (int, error) {
	g := o.GroupSize
	if g == 0 {
		g = PaperGroupSize(channels)
	}
	if channels%g != 0 {
		return 0, fmt.Errorf("%d channels are not divisible into groups of %d adjacent channels", channels, g)
	}
	return g, nil
}
