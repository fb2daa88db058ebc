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

// Needs says what a figure is drawn from.
type Needs string

// What there is to draw from.
const (
	NeedsResults Needs = "results" // lines of a results file
	NeedsRun     Needs = "run"     // the saved network of a run
	NeedsRuns    Needs = "runs"    // the saved networks of any number of runs
	NeedsTables  Needs = "tables"  // the tables of ablations
)

// Kind is a kind of figure.
type Kind struct {
	// Name is what the command calls it, Summary says in a line what it shows.
	Name, Summary string
	// Needs says what it is drawn from.
	Needs Needs

	draw func(ctx context.Context, in Input) (Drawing, error)
}

// Input is what figures are drawn from by name. What a kind does not need it
// does not look at.
type Input struct {
	// Results are those that figures of results show.
	Results []record.Result
	// Runs are the saved networks; a figure of one run takes the first.
	Runs iter.Seq2[*experiments.Saved, error]
	// Tables are the ablations; one is drawn.
	Tables []ablations.Table
	// Layer are the options of figures of layers.
	Layer LayerOptions
	// Curve, Bar, Ablation and Embedding are those of the figures so named;
	// Embedding.Features are of the proxy A-distance, too.
	Curve     CurveOptions
	Bar       BarOptions
	Ablation  AblationOptions
	Embedding EmbeddingOptions
	// Figure is about the drawing. An empty title stands for one that says what is
	// drawn, unless Untitled is set.
	Figure   plots.Options
	Untitled bool
}

// Drawing is a figure with the numbers that it shows, which have a JSON form.
type Drawing struct {
	Figure  *plots.Figure
	Numbers any
}

// kinds is the one list of them.
var kinds = []Kind{
	{"curves", "target accuracy, or another quantity, over training with a band over seeds", NeedsResults, drawCurves},
	{"bars", "target accuracy by task and norm, mean and deviation over seeds", NeedsResults, drawBars},
	{"ablation", "differences of an ablation's variants to its base row, with confidence intervals", NeedsTables, drawAblation},
	{"gates", "RN's gates over training, layer by layer", NeedsResults, drawGates},
	{"gates-by-layer", "RN's gates of each layer at the last evaluation", NeedsResults, drawGatesByLayer},
	{"correlation", "channel correlation of a layer as a heatmap", NeedsRun, drawCorrelation},
	{"alignment", "by layer, the share of channels that find themselves in the other domain", NeedsRun, drawAlignment},
	{"statistics", "running statistics of a layer, target against source", NeedsRun, drawStatistics},
	{"confusion", "confusion matrix of the target's test images", NeedsRun, drawConfusion},
	{"reliability", "accuracy by confidence on the target's test images", NeedsRun, drawReliability},
	{"embedding", "t-SNE of the features of test images, by domain and class", NeedsRun, drawEmbedding},
	{"adistance", "proxy A-distance of the features of the two domains, by task and norm", NeedsRuns, drawADistance},
}

// All lists the kinds.
func All() []Kind { return slices.Clone(kinds) }

// Lookup finds a kind by name. The error lists the known names.
func Lookup(name string) (Kind, error) {
	return registry.Find("figure", name, kinds, func(k Kind) string { return k.Name })
}

// Draw draws a figure.
func (k Kind) Draw(ctx context.Context, in Input) (Drawing, error) {
	d, err := k.draw(ctx, in)
	if err != nil {
		return Drawing{}, fmt.Errorf("figure %s: %w", k.Name, err)
	}
	return d, nil
}

// titled are the drawing's options with a title.
func (in Input) titled(format string, args ...any) plots.Options {
	o := in.Figure
	if o.Title == "" && !in.Untitled {
		o.Title = fmt.Sprintf(format, args...)
	}
	return o
}

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
	return Drawing{}, errors.New("no run is given")
}

// drawing makes a Drawing.
func drawing(f *plots.Figure, numbers any, err error) (Drawing, error) {
	return Drawing{f, numbers}, err
}

// runTitle names a run in a title.
func runTitle(c config.Config) string {
	return fmt.Sprintf("%s → %s, %s, %s", c.Source, c.Target, c.Objective, c.Norm)
}
