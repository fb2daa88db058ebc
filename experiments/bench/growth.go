package bench

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// Growth holds the cost of a layer and of its parts, forward and backward. The
// parts run in turn, and each time is the minimum over all steps: a step takes
// milliseconds, and other work on the machine slows many steps but rarely all.
type Growth struct {
	Channels int `json:"channels"`
	Domains  int `json:"domains"`
	Images   int `json:"images"` // in a batch, of all domains
	Side     int `json:"side"`   // positions per side
	Threads  int `json:"threads"`
	Steps    int `json:"steps"`

	// ConvolutionSeconds times the convolution alone, BNSeconds and RNSeconds the
	// convolution with the norm.
	ConvolutionSeconds float64 `json:"convolution_seconds"`
	BNSeconds          float64 `json:"bn_seconds"`
	RNSeconds          float64 `json:"rn_seconds"`
	// CorrelationSeconds times RN over two rows per domain: the correlation of all
	// pairs of domains, plus the rest of the layer, which is cheap for so few rows.
	CorrelationSeconds float64 `json:"correlation_seconds"`
	// BNShare and RNShare are the norm's share of the time of convolution and norm.
	// CorrelationShare is the correlation's share of RNSeconds.
	BNShare          float64 `json:"bn_share"`
	RNShare          float64 `json:"rn_share"`
	CorrelationShare float64 `json:"correlation_share"`
	// CorrelationToConvolution is CorrelationSeconds / ConvolutionSeconds.
	CorrelationToConvolution float64 `json:"correlation_to_convolution"`

	// MiB that XLA plans in addition to inputs and outputs; 0 if the backend does not
	// report them.
	ConvolutionTemporaryMiB float64 `json:"convolution_temporary_mib"`
	BNTemporaryMiB          float64 `json:"bn_temporary_mib"`
	RNTemporaryMiB          float64 `json:"rn_temporary_mib"`
	CorrelationTemporaryMiB float64 `json:"correlation_temporary_mib"`
}

// The measured parts of a layer, in the order in which they run.
const (
	partConvolution = iota
	partBN
	partRN
	partCorrelation
	parts
)

// Layers measures a layer over the given number of steps, after one that does not
// count.
func Layers(ctx context.Context, backend compute.Backend, l Layer, steps int) (Growth, error) {
	if steps < 1 {
		return Growth{}, fmt.Errorf("bench: %d steps: want at least 1", steps)
	}
	if err := l.Validate(); err != nil {
		return Growth{}, fmt.Errorf("bench: %w", err)
	}
	passes, err := l.passes(backend)
	defer func() {
		for _, p := range passes {
			p.finalize()
		}
	}()
	if err != nil {
		return Growth{}, fmt.Errorf("layer of %d channels and %d domains: %w", l.Channels, l.Domains, err)
	}
	var times [parts][]float64
	for round := range 1 + steps {
		for i, p := range passes {
			if err := ctx.Err(); err != nil {
				return Growth{}, err
			}
			took, err := p.run()
			if err != nil {
				return Growth{}, fmt.Errorf("layer of %d channels and %d domains: %w", l.Channels, l.Domains, err)
			}
			if round > 0 {
				times[i] = append(times[i], took.Seconds())
			}
		}
	}
	g := Growth{
		Channels: l.Channels, Domains: l.Domains, Images: l.images(), Side: l.side(), Threads: threads(), Steps: steps,
		ConvolutionTemporaryMiB: rounded(mib(passes[partConvolution].temporary), 3), BNTemporaryMiB: rounded(mib(passes[partBN].temporary), 3),
		RNTemporaryMiB: rounded(mib(passes[partRN].temporary), 3), CorrelationTemporaryMiB: rounded(mib(passes[partCorrelation].temporary), 3),
	}
	g.setSeconds(times)
	return g, nil
}

// passes compiles the parts of the layer. With an error it returns the parts
// compiled so far.
func (l Layer) passes(backend compute.Backend) ([]*pass, error) {
	bn, err := rnlayer.Lookup(baseNorm)
	if err != nil {
		return nil, err
	}
	rn, err := rnlayer.Lookup("rn")
	if err != nil {
		return nil, err
	}
	var all []*pass
	for part := range parts {
		var p *pass
		var err error
		switch part {
		case partConvolution:
			p, err = l.convolution(backend, nil)
		case partBN:
			p, err = l.convolution(backend, &bn)
		case partRN:
			p, err = l.convolution(backend, &rn)
		case partCorrelation:
			p, err = l.correlation(backend, rn)
		}
		if err != nil {
			return all, err
		}
		all = append(all, p)
	}
	return all, nil
}

// setSeconds sets the times of the parts, the shares and the ratio.
func (g *Growth) setSeconds(times [parts][]float64) {
	var least [parts]float64
	for i, t := range times {
		least[i] = slices.Min(t)
	}
	convolution, bn, rn, correlation := least[partConvolution], least[partBN], least[partRN], least[partCorrelation]
	g.ConvolutionSeconds, g.BNSeconds, g.RNSeconds, g.CorrelationSeconds = rounded(convolution, 6), rounded(bn, 6), rounded(rn, 6), rounded(correlation, 6)
	g.BNShare, g.RNShare, g.CorrelationShare = rounded(1-convolution/bn, 4), rounded(1-convolution/rn, 4), rounded(correlation/rn, 4)
	g.CorrelationToConvolution = rounded(correlation/convolution, 4)
}

// WorstCorrelation returns the layer whose correlation costs most relative to its
// convolution, among layers with the given number of domains and at most
// maxChannels channels; ok is false if there are none.
func WorstCorrelation(all []Growth, domains, maxChannels int) (worst Growth, ok bool) {
	for _, g := range all {
		if g.Domains == domains && g.Channels <= maxChannels && (!ok || g.CorrelationToConvolution > worst.CorrelationToConvolution) {
			worst, ok = g, true
		}
	}
	return worst, ok
}
