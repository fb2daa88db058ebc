package ablations

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/training/objective"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// suites is the one list of suites: a new one is an entry here.
var suites = []Suite{
	{
		Name: "components", Summary: "what RN consists of: BN, domain-specific statistics, RC alone, RA alone, RN",
		needs: allOf(isRN, compensates, aggregates), variants: components,
	},
	{
		Name: "gate-range", Summary: "lower end of the gates' range [lo, 1]",
		needs: allOf(isRN, aggregates), variants: gateRange,
	},
	{
		Name: "distance", Summary: "comparison of statistics whose softmax is the correlation",
		needs: allOf(isRN, compensates), variants: distances,
	},
	{
		Name: "groups", Summary: "adjacent channels compared as one",
		needs: allOf(isRN, compensates), variants: groups,
	},
	{
		Name: "placement", Summary: "where the norm is, with BN elsewhere: the stem, each stage, the bottleneck, all",
		needs: severalPlaces, variants: placement,
	},
	{
		Name: "statistics", Summary: "which statistics RN aggregates: the mean, the variance, both",
		needs: isRN, variants: statistics,
	},
	{Name: "norms", Summary: "every norm of the registry", variants: norms},
	{Name: "objectives", Summary: "every objective of the registry", variants: objectives},
	{Name: "activations", Summary: "numbers that layers hand on, float32 or bfloat16", variants: activations},
	{Name: "batch-size", Summary: "images of each domain in a step: a quarter, half and twice as many", variants: batchSizes},
	{Name: "momentum", Summary: "share of a batch in the running statistics (not the optimizer's momentum)", needs: movingAverages, variants: momenta},
}

// Of the paper's "only" rows the exact settings are not public: each reading is
// a row.
func components(config.Config) []Variant {
	rcOnly := func(share float64, reading string) Variant {
		return Variant{
			Name:    "rc-only-" + number(share),
			Summary: "RC alone, read as: " + reading,
			Edit:    set("norm_options", map[string]any{"aggregate": false, "own_share": share}),
		}
	}
	return []Variant{
		{Name: "bn", Summary: "batch norm, one statistic over both domains", Edit: set("norm", "bn")},
		{Name: "ds", Summary: "domain-specific statistics, γ and β shared: neither RC nor RA", Edit: set("norm", "ds")},
		rcOnly(0.5, "no gates, own and compensated statistics half and half"),
		rcOnly(0, "no gates, compensated statistics in full place of the own"),
		{
			Name: "ra-only", Summary: "RA alone, read as: gates mix with the channel of the same index of the other domain, no correlation",
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
		rnlayer.DistanceL2:     "−(a − b)², the paper's",
		rnlayer.DistanceL1:     "−|a − b|",
		rnlayer.DistanceDot:    `⟨a, b⟩, what the authors' code calls "cosine"`,
		rnlayer.DistanceCosine: "⟨a, b⟩/(‖a‖ ‖b‖) over a group; for groups of one channel the agreement of signs",
	}
	var all []Variant
	for _, d := range rnlayer.Distances() {
		all = append(all, Variant{Name: string(d), Summary: readings[d], Edit: set("norm_options.distance", d)})
	}
	return all
}

func groups(config.Config) []Variant {
	all := []Variant{{Name: "group-paper", Summary: "the paper's: 1 channel below 512, else channels/512", Edit: set("norm_options.group_size", 0)}}
	for _, size := range []int{1, 2, 4, 8} {
		all = append(all, Variant{
			Name: "group-" + strconv.Itoa(size), Summary: fmt.Sprintf("%d adjacent channels to a group", size),
			Edit:    set("norm_options.group_size", size),
			applies: func(c config.Config) error { return groupFits(c, size) },
		})
	}
	return all
}

// groupFits reports a group size that divides not all norms, or that the paper's
// is in all of them.
func groupFits(c config.Config, size int) error {
	other := false
	for _, p := range c.Places() {
		for _, channels := range p.Channels {
			if channels%size != 0 {
				return fmt.Errorf("the %d channels of %s are not divisible by it", channels, p.Name)
			}
			other = other || rnlayer.PaperGroupSize(channels) != size
		}
	}
	if !other {
		return errors.New("the paper's group size is the same for every norm of this network")
	}
	return nil
}

func placement(c config.Config) []Variant {
	var all []Variant
	for _, p := range c.Places() {
		all = append(all, Variant{
			Name: p.Name, Summary: fmt.Sprintf("%s at %s alone, BN elsewhere", c.Norm, p.Name),
			Edit: set("norm_at", []string{p.Name}),
		})
	}
	return append(all, Variant{Name: "all", Summary: c.Norm + " everywhere", Edit: set("norm_at", []string{})})
}

func statistics(config.Config) []Variant {
	return []Variant{
		{Name: "mean", Summary: "the mean is aggregated, the variance stays the domain's own", Edit: set("norm_options.share", rnlayer.ShareMean)},
		{Name: "variance", Summary: "the variance is aggregated, the mean stays the domain's own", Edit: set("norm_options.share", rnlayer.ShareVariance)},
		{Name: "both", Summary: "mean and variance are aggregated", Edit: set("norm_options.share", rnlayer.ShareBoth)},
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
			Name: "batch-" + strconv.Itoa(size), Summary: fmt.Sprintf("%d images of each domain in a step, the steps as many", size),
			Edit: set("batch_size", size),
			applies: func(config.Config) error {
				if size < 2 {
					return errors.New("a domain needs at least two images for a variance")
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
			Name: "momentum-" + number(m), Summary: fmt.Sprintf("running statistics take %s of a batch's", number(m)),
			Edit: set("norm_options.momentum", m),
		})
	}
	return all
}

// number is a number as a name can hold it.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// allOf reports the first need that is not met.
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
		return fmt.Errorf("norm %s has none of what is varied: it edits a configuration whose norm is rn", c.Norm)
	}
	return nil
}

func movingAverages(c config.Config) error {
	if spec, err := rnlayer.Lookup(c.Norm); err == nil && spec.Population {
		return fmt.Errorf("norm %s takes the statistics of all of the target, not moving averages", c.Norm)
	}
	return nil
}

func compensates(c config.Config) error {
	if !c.NormOptions.Compensate {
		return errors.New("it edits a configuration with compensation")
	}
	return nil
}

func aggregates(c config.Config) error {
	if !c.NormOptions.Aggregate {
		return errors.New("it edits a configuration with aggregation: without it there are no gates")
	}
	return nil
}

func severalPlaces(c config.Config) error {
	switch places := c.Places(); len(places) {
	case 0:
		return fmt.Errorf("the network of recipe %s has no norm", c.Recipe)
	case 1:
		return fmt.Errorf("the network of recipe %s that learns has one norm, %s: there is no other place", c.Recipe, places[0].Name)
	}
	return nil
}
