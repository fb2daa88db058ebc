package rnlayer

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Distance names the comparison of statistics whose softmax is the
// correlation of two domains' channels.
type Distance string

// The distances. a and b are the statistics of a group of channels in the two
// domains, ā and b̄ their averages over the group.
const (
	DistanceL2     Distance = "l2"     // −(ā − b̄)², the paper's
	DistanceL1     Distance = "l1"     // −|ā − b̄|
	DistanceDot    Distance = "dot"    // ⟨a, b⟩ over the channels of the group, what the authors' code calls "cosine"
	DistanceCosine Distance = "cosine" // ⟨a, b⟩ / (‖a‖ ‖b‖) over the channels of the group; for groups of one channel the agreement of signs
)

// Distances lists all distances, the default first.
func Distances() []Distance { return []Distance{DistanceL2, DistanceL1, DistanceDot, DistanceCosine} }

// Share says which statistics are shared between domains.
type Share string

// What is aggregated; the other statistic stays the domain's own.
const (
	ShareBoth     Share = "both"     // mean and variance, the paper's
	ShareMean     Share = "mean"     // mean only
	ShareVariance Share = "variance" // variance only
)

// Evaluation selects the statistics that inference normalizes with: a domain's
// running statistics (its index, from 0) or one of the named values. It is
// written "target", "source", "batch" or an index.
type Evaluation int

// Named evaluations.
const (
	EvalSource Evaluation = 0  // the first domain's running statistics
	EvalTarget Evaluation = -1 // the last domain's running statistics: the default, as the paper
	EvalBatch  Evaluation = -2 // the statistics of the batch itself, taken as one domain
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
		return fmt.Errorf("evaluation statistics %q: want target, source, batch or the index of a domain", text)
	}
	*e = Evaluation(i)
	return nil
}

// Options are the settings of a norm layer. Those about compensation and
// aggregation concern RN alone. Start from [DefaultOptions]: the zero value is not valid.
type Options struct {
	// Epsilon is added to the variance. Default 1e-5 (PyTorch's, kept by the
	// authors' code). DWT has a constant of its own.
	Epsilon float64 `json:"epsilon"`
	// Momentum is the share of the new value in the running statistics, in
	// (0, 1]. Default 0.1 (PyTorch's convention and the authors' code; GoMLX's
	// norm.BatchNorm counts the other way round).
	Momentum float64 `json:"momentum"`
	// Evaluation selects the statistics of inference. Default EvalTarget.
	Evaluation Evaluation `json:"evaluation"`
	// UniformScale draws γ from U(0, 1), as the authors' code does for the new
	// layers of its bottleneck, instead of starting at 1. Default false.
	UniformScale bool `json:"uniform_scale"`

	// Compensate turns reciprocal compensation on: statistics are looked up
	// among all channels of the other domain. Off, they are those of the channel
	// of the same index. Default true.
	Compensate bool `json:"compensate"`
	// Aggregate turns reciprocal aggregation on: learned gates. Off, own and
	// other statistics are mixed at the fixed OwnShare. Default true.
	Aggregate bool `json:"aggregate"`
	// OwnShare is the share of the domain's own statistics when Aggregate is
	// off, in [0, 1]; 0 replaces them in full. Default 0.5.
	OwnShare float64 `json:"own_share"`
	// GateMin is the lower end of the range [GateMin, 1] of RN's gates and of
	// AutoDIAL's α, in [0, 1]. Default 0.5 (both papers').
	GateMin float64 `json:"gate_min"`
	// Share says which statistics are aggregated. Default ShareBoth.
	Share Share `json:"share"`
	// Distance compares the statistics of channels. Default DistanceL2 (the paper's).
	Distance Distance `json:"distance"`
	// GroupSize is the number of adjacent channels that are compared as one, and
	// must divide the channels. Default 0: the paper's, see [PaperGroupSize].
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

// PaperGroupSize is the number of channels to a group in the paper: 1 below 512
// channels, else channels/512.
func PaperGroupSize(channels int) int { return max(1, channels/512) }

// Validate reports all settings that are out of range.
func (o Options) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(o.Epsilon > 0 && !math.IsInf(o.Epsilon, 1), "epsilon is %g: it must be positive", o.Epsilon)
	check(o.Momentum > 0 && o.Momentum <= 1, "momentum is %g: it must be in (0, 1], the share of the new value", o.Momentum)
	check(o.Evaluation >= EvalBatch, "evaluation is %d: want target, source, batch or the index of a domain", int(o.Evaluation))
	check(o.OwnShare >= 0 && o.OwnShare <= 1, "own share is %g: it must be in [0, 1]", o.OwnShare)
	check(o.GateMin >= 0 && o.GateMin <= 1, "gate minimum is %g: it must be in [0, 1]", o.GateMin)
	check(slices.Contains(Distances(), o.Distance), "distance is %q: want one of %q", o.Distance, Distances())
	shares := []Share{ShareBoth, ShareMean, ShareVariance}
	check(slices.Contains(shares, o.Share), "share is %q: want one of %q", o.Share, shares)
	check(o.GroupSize >= 0, "group size is %d: it must be positive, or 0 for the paper's", o.GroupSize)
	return errors.Join(errs...)
}

// groupSize resolves GroupSize for a number of channels.
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
