package bench

import (
	"math"
	"slices"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// Result is the measurement of a case. A PyTorch script prints the fields up to
// PeakRSSMiB.
type Result struct {
	Framework string `json:"framework"` // with its version
	Net       string `json:"net"`
	Norm      string `json:"norm"`
	Images    int    `json:"images"` // in a batch, from both domains
	Size      int    `json:"size"`
	Threads   int    `json:"threads"` // processors that XLA may use

	// StepSecondsMin and StepSecondsMedian exclude the first step, which initializes
	// the variables. The median of an even number of steps is the upper one of the
	// middle two.
	StepSecondsMin    float64 `json:"step_seconds_min"`
	StepSecondsMedian float64 `json:"step_seconds_median"`
	// PeakRSSMiB is the largest resident set, in MiB, of the process that compiled
	// and ran only this case.
	PeakRSSMiB int64 `json:"peak_rss_mib"`

	// CompileSeconds is the time to build and compile the graph before the first
	// step, without the cache of executables.
	CompileSeconds float64 `json:"compile_seconds,omitempty"`
	// TemporaryMiB is the memory that XLA plans on each device in addition to inputs
	// and outputs; 0 if the backend does not report it.
	TemporaryMiB    float64 `json:"temporary_mib,omitempty"`
	ImagesPerSecond float64 `json:"images_per_second,omitempty"` // at the median step, without the wait for images
	Inference       bool    `json:"inference"`
	Paired          bool    `json:"paired"`
	Steps           int     `json:"steps,omitempty"`
	// Devices is the number of devices that shared each step; 0 means 1.
	Devices int    `json:"devices,omitempty"`
	Backend string `json:"backend,omitempty"`
	// Activations is left out of the JSON for float32.
	Activations backbone.Activations `json:"activations,omitzero"`
	// DataWaitShare is the share of the time spent waiting for photographs; nil for
	// noise.
	DataWaitShare *float64 `json:"data_wait_share,omitempty"`
	// ToBN has the ratios to BN for the same network, activations and images; nil if
	// BN was not measured.
	ToBN *Ratios `json:"ratio_to_bn,omitempty"`
}

// Ratios compare a result with another.
type Ratios struct {
	// Step is the median over rounds of the ratio of a round's two steps if the
	// steps were paired, else the ratio of the medians.
	Step    float64 `json:"step"`
	Compile float64 `json:"compile"`
	PeakRSS float64 `json:"peak_rss"`
}

// median returns the middle value, the upper one of two, as the PyTorch script
// does; NaN for no values.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// pairedRatio returns the median ratio of values measured together.
func pairedRatio(values, to []float64) float64 {
	ratios := make([]float64, len(values))
	for i, v := range values {
		ratios[i] = v / to[i]
	}
	return median(ratios)
}

// mib converts bytes to MiB.
func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// rounded keeps the given number of decimals.
func rounded(v float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(v*scale) / scale
}
