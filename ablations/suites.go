package ablations

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// suites is the one list of suites. Add an entry to add a suite.
var suites = []Suite{
	{
		Name: "components", Summary: "RN's parts: BN, domain-specific statistics, RC only, RA only, RN",
		needs: allOf(isRN, compensates, aggregates), variants: components,
	},
	{
		Name: "gate-range", Summary: "lower end of the gates' range [lo, 1]",
		needs: allOf(isRN, aggregates), variants: gateRange,
	},
	{
		Name: "distance", Summary: "how RN compares channel statistics: l2, l1, dot, cosine",
		needs: allOf(isRN, compensates), variants: distances,
	},
	{
		Name: "groups", Summary: "number of adjacent channels that RN compares as one",
		needs: allOf(isRN, compensates), variants: groups,
	},
	{
		Name: "placement", Summary: "where the network has the norm, with BN elsewhere: each place alone, all",
		needs: severalPlaces, variants: placement,
	},
	{
		Name: "statistics", Summary: "statistics that RN aggregates: mean, variance, both",
		needs: isRN, variants: statistics,
	},
	{Name: "norms", Summary: "every norm (rn list norms)", variants: norms},
	{Name: "objectives", Summary: "every objective (rn list objectives)", variants: objectives},
	{Name: "activations", Summary: "dtype of activations between layers: float32, bfloat16", variants: activations},
	{Name: "batch-size", Summary: "images per domain in a step: a quarter, half, the same, twice", variants: batchSizes},
	{Name: "momentum", Summary: "weight of a batch in the running statistics (not the optimizer's momentum)", needs: movingAverages, variants: momenta},
}

// components has a row for each reading of the paper's "RC only" and "RA only" rows,
// whose exact settings are not public.
func components(config.Config) []Variant {
	rcOnly := func(share float64, reading string) Variant {
		return Variant{
			Name:    "rc-only-" + number(share),
			Summary: "RC only, read as: " + reading,
			Edit:    set("norm_options", map[string]any{"aggregate": false, "own_share": share}),
		}
	}
	return []Variant{
		{Name: "bn", Summary: "batch norm, one statistic over both domains", Edit: set("norm", "bn")},
		{Name: "ds", Summary: "domain-specific statistics with shared γ and β: neither RC nor RA", Edit: set("norm", "ds")},
		rcOnly(0.5, "no gates, half own and half compensated statistics"),
		rcOnly(0, "no gates, compensated statistics replace the own ones"),
		{
			Name: "ra-only", Summary: "RA only, read as: no correlation, gates mix with the same channel of the other domain",
			Edit: set("norm_options.compensate", false),
		},
		{Name: "rn", Summary: "RC and RA", Edit: set("norm", "rn")},
	}
}

func gateRange(config.Config) []Variant {
	var all []Variant
	for _, lo := range []float64{0, 0.25, 0.5, 0.75} {
		all = append(all, Variant{
			Name: "gate-" + number(lo), Summary: fmt.Sprintf("gates in [%s, 1]", number(lo)),
			Edit: set("norm_options.gate_min", lo),
		})
	}
	return all
}

func distances(config.Config) []Variant {
	readings := map[rnlayer.Distance]string{
		rnlayer.DistanceL2:     "−(a − b)², as in the paper",
		rnlayer.DistanceL1:     "−|a − b|",
		rnlayer.DistanceDot:    `⟨a, b⟩, called "cosine" in the authors' code`,
		rnlayer.DistanceCosine: "⟨a, b⟩/(‖a‖ ‖b‖) over a group; with one channel per group, whether signs agree",
	}
	var all []Variant
	for _, d := range rnlayer.Distances() {
		all = append(all, Variant{Name: string(d), Summary: readings[d], Edit: set("norm_options.distance", d)})
	}
	return all
}

func groups(config.Config) []Variant {
	all := []Variant{{Name: "group-paper", Summary: "as in the paper: 1 channel below 512 channels, else channels/512", Edit: set("norm_options.group_size", 0)}}
	for _, size := range []int{1, 2, 4, 8} {
		summary := fmt.Sprintf("groups of %d adjacent channels", size)
		if size == 1 {
			summary = "each channel alone"
		}
		all = append(all, Variant{
			Name: "group-" + strconv.Itoa(size), Summary: summary,
			Edit:    set("norm_options.group_size", size),
			applies: func(c config.Config) error { return groupFits(c, size) },
		})
	}
	return all
}

// groupFits returns an error if a group size does not divide the channels of a norm, or
// if it is the paper's choice in every norm.
func groupFits(c config.Config, size int) error {
	other := false
	for _, p := range c.Places() {
		for _, channels := range p.Channels {
			if channels%size != 0 {
				return fmt.Errorf("%d does not divide the %d channels of %s", size, channels, p.Name)
			}
			other = other || rnlayer.PaperGroupSize(channels) != size
		}
	}
	if !other {
		return errors.New("it is the paper's choice for every norm of this network")
	}
	return nil
}

func placement(c config.Config) []Variant {
	var all []Variant
	for _, p := range c.Places() {
		all = append(all, Variant{
			Name: p.Name, Summary: fmt.Sprintf("%s only at %s, BN elsewhere", c.Norm, p.Name),
			Edit: set("norm_at", []string{p.Name}),
		})
	}
	return append(all, Variant{Name: "all", Summary: c.Norm + " everywhere", Edit: set("norm_at", []string{})})
}

func statistics(config.Config) []Variant {
	return []Variant{
		{Name: "mean", Summary: "RN aggregates the mean; each domain keeps its own variance", Edit: set("norm_options.share", rnlayer.ShareMean)},
		{Name: "variance", Summary: "RN aggregates the variance; each domain keeps its own mean", Edit: set("norm_options.share", rnlayer.ShareVariance)},
		{Name: "both", Summary: "RN aggregates mean and variance", Edit: set("norm_options.share", rnlayer.ShareBoth)},
	}
}

func norms(config.Config) []Variant {
	var all []Variant
	for _, n := range rnlayer.All() {
		all = append(all, Variant{Name: n.Name, Summary: n.Summary, Edit: set("norm", n.Name)})
	}
	return all
}

func objectives(config.Config) []Variant {
	var all []Variant
	for _, o := range objective.All() {
		all = append(all, Variant{Name: o.Name, Summary: o.Summary, Edit: set("objective", o.Name)})
	}
	return all
}

func activations(config.Config) []Variant {
	readings := map[backbone.Activations]string{
		backbone.Float32:  "32 bits",
		backbone.BFloat16: "16 bits, with float32 weights, statistics and losses",
	}
	var all []Variant
	for _, a := range backbone.AllActivations() {
		all = append(all, Variant{Name: a.String(), Summary: readings[a], Edit: set("activations", a)})
	}
	return all
}

func batchSizes(c config.Config) []Variant {
	var all []Variant
	for _, size := range []int{c.BatchSize / 4, c.BatchSize / 2, c.BatchSize, c.BatchSize * 2} {
		all = append(all, Variant{
			Name: "batch-" + strconv.Itoa(size), Summary: fmt.Sprintf("%d images per domain in a step, the same number of steps", size),
			Edit: set("batch_size", size),
			applies: func(config.Config) error {
				if size < 2 {
					return errors.New("a variance needs at least two images per domain")
				}
				return nil
			},
		})
	}
	return all
}

func momenta(config.Config) []Variant {
	var all []Variant
	for _, m := range []float64{0.01, 0.05, 0.1, 0.2, 0.5} {
		all = append(all, Variant{
			Name: "momentum-" + number(m), Summary: fmt.Sprintf("running statistics move by %s towards a batch", number(m)),
			Edit: set("norm_options.momentum", m),
		})
	}
	return all
}

// number formats a number for a name.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// allOf returns the first error.
func allOf(needs ...func(config.Config) error) func(config.Config) error {
	return func(c config.Config) error {
		for _, need := range needs {
			if err := need(c); err != nil {
				return err
			}
		}
		return nil
	}
}

func isRN(c config.Config) error {
	if c.Norm != "rn" {
		return fmt.Errorf("it varies RN, but the norm is %s", c.Norm)
	}
	return nil
}

func movingAverages(c config.Config) error {
	if spec, err := rnlayer.Lookup(c.Norm); err == nil && spec.Population {
		return fmt.Errorf("it varies moving averages, and norm %s computes statistics over all target images instead", c.Norm)
	}
	return nil
}

func compensates(c config.Config) error {
	if !c.NormOptions.Compensate {
		return errors.New("it varies compensation, which is switched off")
	}
	return nil
}

func aggregates(c config.Config) error {
	if !c.NormOptions.Aggregate {
		return errors.New("it varies the gates of aggregation, which is switched off")
	}
	return nil
}

func severalPlaces(c config.Config) error {
	switch places := c.Places(); len(places) {
	case 0:
		return fmt.Errorf("recipe %s with this network trains no norm", c.Recipe)
	case 1:
		return fmt.Errorf("recipe %s with this network trains one norm, at %s: there is no other place", c.Recipe, places[0].Name)
	}
	return nil
}
