package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/registry"
	"github.com/reciprocalnorm/rn/experiments/study/figures"
	"github.com/reciprocalnorm/rn/plots"
)

// plotFlags are the flags of `rn plot`.
type plotFlags struct {
	env        environment.Environment
	input      figures.Input
	selection  selection
	tables     tableFlags
	choice     string
	files      []string
	theme      string
	which      checkpointFlag
	asJSON     bool
	zoomRow    int
	zoomColumn int
	zoomSize   int
}

// listKinds is the argument of `rn plot` that lists the kinds of figures.
const listKinds = "list"

// newPlot returns `rn plot`.
func newPlot() *cobra.Command {
	f := &plotFlags{}
	kinds := registry.Names(figures.All(), func(k figures.Kind) string { return k.Name })
	cmd := &cobra.Command{
		Use:   "plot KIND",
		Short: "Draw a figure of results or of a trained network",
		Long: `Draws a figure as SVG or PNG. rn plot list shows the kinds. --json prints the numbers in the figure.

Figures of results read results*.jsonl in the output folder. --run, or --source, --target, --norm and
--objective, choose among them; --suite chooses an ablation. Figures of networks also need the folder runs,
which is on the machine that trained. A figure of one network shows the latest RN run among the chosen ones.`,
		Example: `  rn plot list
  rn plot curves --source usps --file curves.svg,curves.png
  rn plot correlation --layer conv2 --statistic variance --theme dark --file correlation.svg
  rn plot alignment --run 0123456789ab --json
  rn plot ablation --out out/components --metric accuracy --file components.svg
  rn plot adistance --file adistance.png --width 170`,
		ValidArgsFunction: completeKinds,
		Args:              oneArg(oneOf("kind of figure", append(kinds, listKinds))),
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&f.files, "file", nil, "`FILES` to write, ending in .svg or .png")
	addJSONFlag(cmd, &f.asJSON, "one line with the numbers in the figure")
	f.selection.add(cmd)
	f.which.add(cmd)

	quantities := registry.Names(figures.Quantities(), func(q figures.Quantity) string { return q.Name })
	flags.StringVar(&f.input.Curve.Quantity, "quantity", quantities[0], "curves: what to draw, `NAME` one of "+strings.Join(quantities, ", "))
	completeWith(cmd, "quantity", quantities)
	addChoiceFlag(cmd, &f.choice, "bars, ablation: checkpoint chosen by `RULE`")

	flags.StringVar(&f.tables.suite, "suite", "", "ablation: suite, a `NAME` from rn list suites (default: the only one with results)")
	completeWith(cmd, "suite", suiteNames())
	metrics := registry.Names(ablations.Metrics(), func(m ablations.Metric) string { return m.Name })
	flags.StringSliceVar(&f.input.Ablation.Metrics, "metric", nil, "ablation: what to draw, `NAMES` out of "+strings.Join(metrics, ", ")+" (default: all)")
	completeWith(cmd, "metric", metrics)
	f.tables.addSelection(cmd, "ablation: ")

	flags.StringVar(&f.input.Layer.Layer, "layer", "", "layer `NAME`, such as conv2 or layer4/1/conv2; the end of the name is enough (default: the last; gates: all)")
	complete(cmd, "layer", f.completeLayers)
	flags.StringVar(&f.input.Layer.Statistic, "statistic", figures.Mean, "statistic of the layer: mean or variance")
	completeWith(cmd, "statistic", []string{figures.Mean, figures.Variance})
	flags.IntVar(&f.input.Layer.From, "from", 0, "correlation, alignment: number of the domain that looks up channels, 0 is the source")
	flags.IntVar(&f.input.Layer.To, "to", 1, "correlation, alignment: number of the domain whose channels it looks up, 1 is the target")
	flags.IntVar(&f.zoomSize, "zoom", 0, "correlation: channels per side to show (default: all)")
	flags.IntVar(&f.zoomRow, "zoom-row", 0, "correlation: first row of --zoom")
	flags.IntVar(&f.zoomColumn, "zoom-column", 0, "correlation: first column of --zoom")

	flags.IntVar(&f.input.Embedding.Features.Images, "images", experiments.DefaultFeatureImages, "embedding, adistance: most test images per domain")
	flags.Uint64Var(&f.input.Embedding.Features.Seed, "seed", 0, "embedding, adistance: seed that draws the images and starts the method")

	themes := registry.Names(plots.Themes(), plots.Theme.String)
	flags.StringVar(&f.theme, "theme", themes[0], "colours: "+strings.Join(themes, " or "))
	completeWith(cmd, "theme", themes)
	flags.Float64Var(&f.input.Figure.Width, "width", plots.DefaultWidth, "width in millimetres")
	flags.Float64Var(&f.input.Figure.Height, "height", 0, "height in millimetres (default: as the figure needs)")
	flags.IntVar(&f.input.Figure.DPI, "dpi", plots.DefaultDPI, "resolution of PNG files")
	flags.StringVar(&f.input.Figure.Title, "title", "", "title (default: describes the figure)")
	flags.BoolVar(&f.input.Untitled, "no-title", false, "no title, for figures with a caption")
	addEnvironmentFlags(cmd, &f.env)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if args[0] == listKinds {
			return writeItems(cmd.OutOrStdout(), "figures", f.asJSON)
		}
		kind, err := figures.Lookup(args[0])
		if err != nil {
			return usageError{err}
		}
		return f.draw(cmd, kind)
	}
	return cmd
}

// completeKinds offers the kinds of figures.
func completeKinds(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return append(listed("figures"), listKinds+"\tthe kinds of figures"), cobra.ShellCompDirectiveNoFileComp
}

// completeLayers offers the layers of the run that is chosen so far.
func (f *plotFlags) completeLayers(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	results, _ := record.Read(f.env.Out) // bad lines do not matter here
	r, err := f.selection.one(results, f.env.Out)
	if err != nil || len(r.Points) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var layers []string
	for _, g := range r.Points[0].Gates {
		layers = append(layers, experiments.LayerName(g.Layer))
	}
	return layers, cobra.ShellCompDirectiveNoFileComp
}

// draw draws a figure, saves it and prints its numbers.
func (f *plotFlags) draw(cmd *cobra.Command, kind figures.Kind) error {
	in := f.input
	if len(f.files) == 0 && !f.asJSON {
		return missingFlag("file", "the .svg or .png files to write (or --json for the numbers)")
	}
	for _, file := range f.files {
		if ext := strings.ToLower(filepath.Ext(file)); ext != ".svg" && ext != ".png" {
			return usageError{fmt.Errorf("--file %s: want a name that ends in .svg or .png", file)}
		}
	}
	theme, err := registry.Find("theme", f.theme, plots.Themes(), plots.Theme.String)
	if err != nil {
		return usageError{err}
	}
	in.Figure.Theme = theme
	if in.Layer.From == in.Layer.To || min(in.Layer.From, in.Layer.To) < 0 || max(in.Layer.From, in.Layer.To) > 1 {
		return usageError{fmt.Errorf("--from %d --to %d: want 0 and 1, source and target, in either order", in.Layer.From, in.Layer.To)}
	}
	in.Layer.Zoom = plots.Zoom{Row: f.zoomRow, Col: f.zoomColumn, Size: f.zoomSize}
	newBar(cmd.ErrOrStderr(), 0).watch(&f.env)
	in.Bar.Choice, in.Ablation.Choice = f.choice, f.choice
	if err := f.find(cmd, kind, &in); err != nil {
		return err
	}
	d, err := kind.Draw(cmd.Context(), in)
	if err != nil {
		return err
	}
	for _, file := range f.files {
		if err := d.Figure.Save(file); err != nil {
			return err
		}
	}
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(d.Numbers)
	}
	return nil
}

// find reads or opens what a kind of figure needs.
func (f *plotFlags) find(cmd *cobra.Command, kind figures.Kind, in *figures.Input) (err error) {
	if kind.Needs == figures.NeedsTables {
		f.tables.out = f.env.Out
		in.Tables, err = f.tables.read(cmd)
		return err
	}
	results, err := f.selection.read(f.env)
	if err != nil {
		return err
	}
	switch kind.Needs {
	case figures.NeedsRun:
		r, err := f.selection.one(results, f.env.Out)
		if err != nil {
			return err
		}
		in.Runs = experiments.OpenEach(cmd.Context(), []string{r.ID}, f.which.value(), f.env)
	case figures.NeedsRuns:
		ids := f.selection.saved(results, f.env.Out)
		if len(ids) == 0 {
			return fmt.Errorf("%s has no saved network of these runs: networks are in %s, on the machine that trained", f.env.Out, filepath.Join(f.env.Out, "runs"))
		}
		in.Runs = experiments.OpenEach(cmd.Context(), ids, f.which.value(), f.env)
	default:
		in.Results = results
	}
	return nil
}
