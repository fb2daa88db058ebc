package figures

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/registry"
	"github.com/reciprocalnorm/rn/plots"
)

// Needs is the input that a kind of figure draws.
type Needs string

// The inputs.
const (
	NeedsResults Needs = "results" // lines of a results file
	NeedsRun     Needs = "run"     // the saved network of a run
	NeedsRuns    Needs = "runs"    // the saved networks of any number of runs
	NeedsTables  Needs = "tables"  // the tables of ablations
)

// Kind is a kind of figure.
type Kind struct {
	// Name identifies the kind on the command line; Summary describes it in one line.
	Name, Summary string
	// Needs is the input that the kind draws.
	Needs Needs

	draw func(ctx context.Context, in Input) (Drawing, error)
}

// Input is the input of [Kind.Draw]. A kind ignores the fields that it does not need.
type Input struct {
	// Results are the results for kinds with NeedsResults.
	Results []record.Result
	// Runs are the saved networks. A kind with NeedsRun draws the first.
	Runs iter.Seq2[*experiments.Saved, error]
	// Tables holds the ablation for kinds with NeedsTables. They draw exactly one.
	Tables []ablations.Table
	// Layer are the options for kinds that draw layers.
	Layer LayerOptions
	// Curve, Bar, Ablation and Embedding are the options of the kinds curves, bars,
	// ablation and embedding. Kind adistance uses Embedding.Features, too.
	Curve     CurveOptions
	Bar       BarOptions
	Ablation  AblationOptions
	Embedding EmbeddingOptions
	// Figure are the options for package plots. If its title is empty, the kind writes
	// one, unless Untitled is true.
	Figure   plots.Options
	Untitled bool
}

// Drawing is a figure and the numbers that it shows, which encode as JSON.
type Drawing struct {
	Figure  *plots.Figure
	Numbers any
}

// kinds lists all kinds.
var kinds = []Kind{
	{"curves", "target accuracy, or another quantity, over training with a band over seeds", NeedsResults, drawCurves},
	{"bars", "target accuracy by task and norm, mean and standard deviation over seeds", NeedsResults, drawBars},
	{"ablation", "differences between the variants of an ablation and its base row, with confidence intervals", NeedsTables, drawAblation},
	{"gates", "RN's gates over training, layer by layer", NeedsResults, drawGates},
	{"gates-by-layer", "RN's gates at the last evaluation, layer by layer", NeedsResults, drawGatesByLayer},
	{"correlation", "channel correlation of a layer as a heatmap", NeedsRun, drawCorrelation},
	{"alignment", "share of channels whose best match in the other domain has the same index, by layer", NeedsRun, drawAlignment},
	{"statistics", "running statistics of a layer, target against source", NeedsRun, drawStatistics},
	{"confusion", "confusion matrix of the target's test images", NeedsRun, drawConfusion},
	{"reliability", "reliability diagram: accuracy by confidence on the target's test images", NeedsRun, drawReliability},
	{"embedding", "t-SNE of the features of test images, by domain and class", NeedsRun, drawEmbedding},
	{"adistance", "proxy A-distance between the features of the two domains, by task and norm", NeedsRuns, drawADistance},
}

// All lists the kinds.
func All() []Kind { return slices.Clone(kinds) }

// Lookup finds a kind by name. The error lists the known names.
func Lookup(name string) (Kind, error) {
	return registry.Find("figure", name, kinds, func(k Kind) string { return k.Name })
}

// Draw draws the figure of the kind.
func (k Kind) Draw(ctx context.Context, in Input) (Drawing, error) {
	d, err := k.draw(ctx, in)
	if err != nil {
		return Drawing{}, fmt.Errorf("figure %s: %w", k.Name, err)
	}
	return d, nil
}

// titled returns the options for package plots with the given title, unless the
// input has a title or wants none.
func (in Input) titled(format string, args ...any) plots.Options {
	o := in.Figure
	if o.Title == "" && !in.Untitled {
		o.Title = fmt.Sprintf(format, args...)
	}
	return o
}

// errNoRun is the error of a figure of networks without any.
var errNoRun = errors.New("no run given")

// ofRun draws a figure of the first run.
func (in Input) ofRun(draw func(s *experiments.Saved) (Drawing, error)) (Drawing, error) {
	if in.Runs != nil {
		for s, err := range in.Runs {
			if err != nil {
				return Drawing{}, err
			}
			return draw(s)
		}
	}
	return Drawing{}, errNoRun
}

// drawing combines a figure, its numbers and an error.
func drawing(f *plots.Figure, numbers any, err error) (Drawing, error) {
	return Drawing{f, numbers}, err
}

// runTitle describes a run in a title.
func runTitle(c config.Config) string {
	return fmt.Sprintf("%s → %s, %s, %s", c.Source, c.Target, c.Objective, c.Norm)
}
