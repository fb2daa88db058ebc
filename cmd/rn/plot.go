package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/study/figures"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/plots"
)

// plotFlags are those of `rn plot`.
type plotFlags struct {
	env        environment.Environment
	input      figures.Input
	selection  selection
	tables     tableFlags
	choice     string
	files      []string
	theme      string
	best       bool
	asJSON     bool
	zoomRow    int
	zoomColumn int
	zoomSize   int
}

// newPlot is `rn plot`.
func newPlot() *cobra.Command {
	f := &plotFlags{}
	kinds := namesOf(figures.All(), func(k figures.Kind) string { return k.Name })
	const list = "list"
	cmd := &cobra.Command{
		Use:   "plot KIND",
		Short: "Draw a figure of results or of the network of a run",
		Long: `Draws a figure as SVG or PNG: of the lines of DIR/results*.jsonl, or of the networks of runs, which
are in DIR/runs of the machine that trained them. "rn plot list" lists the kinds. What a figure is of
is chosen by --run, or by --source, --target, --norm and --objective; a figure of one run takes the
latest of RN that is left. Figures of ablations are chosen by --suite. --json prints the numbers that the figure shows.`,
		Example: `  rn plot curves --out out --source usps --file curves.svg,curves.png
  rn plot correlation --out out --layer conv2 --statistic variance --theme dark --file correlation.svg
  rn plot alignment --out out --run 0123456789ab --json
  rn plot adistance --out out --file adistance.png --width 170`,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var offered []string
			for _, k := range figures.All() {
				offered = append(offered, k.Name+"\t"+k.Summary)
			}
			return append(offered, list+"\tthe kinds of figures"), cobra.ShellCompDirectiveNoFileComp
		},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("plot wants one kind of figure, %s or %s, got %d", strings.Join(kinds, ", "), list, len(args))}
			}
			return nil
		},
	}
	addEnvironmentFlags(cmd, &f.env)
	flags := cmd.Flags()
	flags.StringSliceVar(&f.files, "file", nil, "files to write, .svg or .png")
	flags.BoolVar(&f.asJSON, "json", false, "print the numbers of the figure as a line of JSON")
	f.selection.add(cmd)
	flags.StringVar(&f.input.Layer.Layer, "layer", "", `layer, such as "conv2" or "layer4/1/conv2": its name or an end of it (default: the last; gates: all)`)
	flags.StringVar(&f.input.Layer.Statistic, "statistic", figures.Mean, "statistic of a layer: mean or variance")
	flags.IntVar(&f.input.Layer.From, "from", 0, "correlation, alignment: number of the domain that looks up, 0 the source")
	flags.IntVar(&f.input.Layer.To, "to", 1, "correlation, alignment: number of the domain that is looked up, 1 the target")
	flags.IntVar(&f.zoomSize, "zoom", 0, "correlation: show this many channels a side (default: all)")
	flags.IntVar(&f.zoomRow, "zoom-row", 0, "correlation: first row of --zoom")
	flags.IntVar(&f.zoomColumn, "zoom-column", 0, "correlation: first column of --zoom")
	choices := namesOf(record.Choices(), func(c record.Choice) string { return c.Name })
	flags.StringVar(&f.choice, "choice", choices[0], "bars, ablation: choice of the checkpoint, "+strings.Join(choices, ", "))
	metrics := namesOf(ablations.Metrics(), func(m ablations.Metric) string { return m.Name })
	flags.StringSliceVar(&f.input.Ablation.Metrics, "metric", nil, "ablation: metrics, "+strings.Join(metrics, ", ")+" (default: all)")
	flags.StringVar(&f.tables.suite, "suite", "", "ablation: suite (default: the one that the results are of)")
	flags.StringVar(&f.tables.base, "base", "", "ablation: variant that the others are compared with (default: the configuration that the suite edits)")
	flags.BoolVar(&f.tables.anyVersion, "any-version", false, "ablation: mix results of several versions of the code, the latest of each run")
	quantities := namesOf(figures.Quantities(), func(q figures.Quantity) string { return q.Name })
	flags.StringVar(&f.input.Curve.Quantity, "quantity", quantities[0], "curves: "+strings.Join(quantities, ", "))
	flags.IntVar(&f.input.Embedding.Features.Images, "images", experiments.DefaultFeatureImages, "embedding, adistance: the most test images of a domain")
	flags.Uint64Var(&f.input.Embedding.Features.Seed, "seed", 0, "embedding, adistance: draws the images, and what is random")
	flags.BoolVar(&f.best, "best", false, "the label-free choice instead of the last checkpoint")
	themes := namesOf(plots.Themes(), plots.Theme.String)
	flags.StringVar(&f.theme, "theme", themes[0], strings.Join(themes, " or "))
	flags.Float64Var(&f.input.Figure.Width, "width", plots.DefaultWidth, "width in millimetres")
	flags.Float64Var(&f.input.Figure.Height, "height", 0, "height in millimetres (default: what the figure needs)")
	flags.IntVar(&f.input.Figure.DPI, "dpi", plots.DefaultDPI, "resolution of PNG")
	flags.StringVar(&f.input.Figure.Title, "title", "", "title (default: what is drawn)")
	flags.BoolVar(&f.input.Untitled, "no-title", false, "no title, for figures with a caption")
	f.complete(cmd, map[string][]string{"theme": themes, "statistic": {figures.Mean, figures.Variance}, "quantity": quantities, "choice": choices, "metric": metrics, "suite": suiteNames()})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if args[0] == list {
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

// complete offers values of flags, and the layers of the run that is given so
// far.
func (f *plotFlags) complete(cmd *cobra.Command, fixed map[string][]string) {
	for flag, values := range fixed {
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // a flag that does not exist
		}
	}
	err := cmd.RegisterFlagCompletionFunc("layer", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		results, _ := record.Read(f.env.Out)
		r, err := f.selection.one(results, f.env.Out)
		if err != nil || len(r.Points) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var layers []string
		for _, g := range r.Points[0].Gates {
			layers = append(layers, experiments.LayerName(g.Layer))
		}
		return layers, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // a flag that does not exist
	}
}

// draw draws a figure into the files, and prints its numbers.
func (f *plotFlags) draw(cmd *cobra.Command, kind figures.Kind) error {
	in := f.input
	if len(f.files) == 0 && !f.asJSON {
		return usageError{fmt.Errorf("--file is missing: the .svg or .png files to write (or --json for the numbers)")}
	}
	for _, file := range f.files {
		if ext := strings.ToLower(filepath.Ext(file)); ext != ".svg" && ext != ".png" {
			return usageError{fmt.Errorf("--file %s: want a name that ends in .svg or .png", file)}
		}
	}
	i := slices.IndexFunc(plots.Themes(), func(t plots.Theme) bool { return t.String() == f.theme })
	if i < 0 {
		return usageError{fmt.Errorf("--theme %s: want one of %s", f.theme, strings.Join(namesOf(plots.Themes(), plots.Theme.String), ", "))}
	}
	in.Figure.Theme = plots.Themes()[i]
	if in.Layer.From == in.Layer.To || min(in.Layer.From, in.Layer.To) < 0 || max(in.Layer.From, in.Layer.To) > 1 {
		return usageError{fmt.Errorf("--from %d --to %d: want 0 and 1, the source and the target", in.Layer.From, in.Layer.To)}
	}
	in.Layer.Zoom = plots.Zoom{Row: f.zoomRow, Col: f.zoomColumn, Size: f.zoomSize}
	newBar(cmd.ErrOrStderr(), 0).watch(&f.env)
	which := checkpoint.Latest
	if f.best {
		which = checkpoint.Best
	}
	in.Bar.Choice, in.Ablation.Choice = f.choice, f.choice
	if err := f.find(cmd, kind, which, &in); err != nil {
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

// find gives a kind what it is drawn from.
func (f *plotFlags) find(cmd *cobra.Command, kind figures.Kind, which checkpoint.Which, in *figures.Input) (err error) {
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
		in.Runs = experiments.OpenEach(cmd.Context(), []string{r.ID}, which, f.env)
	case figures.NeedsRuns:
		ids := f.selection.saved(results, f.env.Out)
		if len(ids) == 0 {
			return fmt.Errorf("no run of the results in %s has its network there, in runs", f.env.Out)
		}
		in.Runs = experiments.OpenEach(cmd.Context(), ids, which, f.env)
	default:
		in.Results = results
	}
	return nil
}
