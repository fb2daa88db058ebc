package bench

import (
	"math"
	"slices"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// Result is what was measured of a case. The fields up to PeakRSSMiB are those
// of a line that the PyTorch script prints.
type Result struct {
	Framework string `json:"framework"` // with its version
	Net       string `json:"net"`
	Norm      string `json:"norm"`
	Images    int    `json:"images"` // in a batch, of both domains
	Size      int    `json:"size"`
	Threads   int    `json:"threads"` // processors that XLA may use

	// StepSecondsMin and StepSecondsMedian are over the steps after the first one,
	// which makes the variables and is not counted. Of an even number of steps the
	// median is the upper one of the two in the middle.
	StepSecondsMin    float64 `json:"step_seconds_min"`
	StepSecondsMedian float64 `json:"step_seconds_median"`
	// PeakRSSMiB is the largest resident set of the process that compiled and ran
	// this case alone, in MiB.
	PeakRSSMiB int64 `json:"peak_rss_mib"`

	// CompileSeconds is what building and compiling the graph took, without the
	// cache of executables and before the first step.
	CompileSeconds float64 `json:"compile_seconds,omitempty"`
	// TemporaryMiB is the memory that XLA plans beside inputs and outputs, if it
	// says so.
	TemporaryMiB    float64 `json:"temporary_mib,omitempty"`
	ImagesPerSecond float64 `json:"images_per_second,omitempty"` // at the median, without waiting for images
	Inference       bool    `json:"inference"`
	Paired          bool    `json:"paired"`
	Steps           int     `json:"steps,omitempty"`
	// Devices is the number of devices that shared each step, where it is more than
	// one; Temporary is of each.
	Devices int    `json:"devices,omitempty"`
	Backend string `json:"backend,omitempty"`
	// Activations are left out where they are float32.
	Activations backbone.Activations `json:"activations,omitzero"`
	// DataWaitShare is the share of the time that was waited for images; nil where
	// there are none to read.
	DataWaitShare *float64 `json:"data_wait_share,omitempty"`
	// ToBN are the ratios to BN's result for the same network, activations and images; nil
	// without one.
	ToBN *Ratios `json:"ratio_to_bn,omitempty"`
}

// Ratios compare a result with another, which is 1.
type Ratios struct {
	// Step is the median, over rounds, of the ratio of the two steps of a round if
	// the steps were paired, else the ratio of the medians.
	Step    float64 `json:"step"`
	Compile float64 `json:"compile"`
	PeakRSS float64 `json:"peak_rss"`
}

// median is the middle one of the values, the upper one of two, as the PyTorch
// script takes it; NaN of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// pairedRatio is the median of the ratios of values measured together.
func pairedRatio(values, to []float64) float64 {
	ratios := make([]float64, len(values))
	for i, v := range values {
		ratios[i] = v / to[i]
	}
	return median(ratios)
}

// mib are bytes in MiB.
func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// rounded keeps so many decimals.
func rounded(v float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(v*scale) / scale
}
