package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/plots"
)

// savePictures draws the demo's results into DIR/pictures, as SVG and PNG, and
// returns the folder: accuracies as bars, a task's learning curves, and a
// channel correlation of the last RN run.
func savePictures(ctx context.Context, results []experiments.Result, env experiments.Environment) (string, error) {
	dir := filepath.Join(env.Out, "pictures")
	save, err := pictureSaver(dir)
	if err != nil {
		return "", err
	}
	tasks, norms := order(results)
	var groups []plots.Group
	for _, task := range tasks {
		group := plots.Group{Name: task}
		var curves []plots.Series
		for _, norm := range norms {
			bar, curve := plots.Bar{Name: norm}, plots.Series{Name: norm}
			for _, r := range results {
				if taskOf(r) != task || r.Norm != norm {
					continue
				}
				bar.Runs = append(bar.Runs, r.Accuracy.Last)
				curve.X = nil
				var y []float64
				for _, p := range r.Points {
					curve.X, y = append(curve.X, float64(p.Step)), append(y, p.Target.Accuracy)
				}
				curve.Runs = append(curve.Runs, y)
			}
			group.Bars, curves = append(group.Bars, bar), append(curves, curve)
		}
		groups = append(groups, group)
		f, err := plots.Curves(curves, plots.CurveOptions{
			Options: plots.Options{Title: task + ", " + results[0].Objective}, XLabel: "step", YLabel: "target accuracy", Percent: true,
		})
		if err := save("curves-"+results[0].Objective+"-"+group.Name, f, err); err != nil {
			return "", err
		}
	}
	f, err := plots.Bars(groups, plots.BarOptions{Options: plots.Options{Title: "Digits, " + results[0].Objective}, YLabel: "target accuracy, last step", Percent: true})
	if err := save("accuracy", f, err); err != nil {
		return "", err
	}
	for i := len(results) - 1; i >= 0; i-- {
		if r := results[i]; r.Norm == "rn" {
			return dir, saveCorrelation(ctx, r, env, save)
		}
	}
	return dir, nil
}

// pictureSaver makes the folder and returns what saves a figure in it as SVG and
// PNG, unless it could not be drawn.
func pictureSaver(dir string) (func(name string, f *plots.Figure, err error) error, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("pictures: %w", err)
	}
	return func(name string, f *plots.Figure, err error) error {
		if err != nil {
			return fmt.Errorf("picture %s: %w", name, err)
		}
		for _, ext := range []string{".svg", ".png"} {
			if err := f.Save(filepath.Join(dir, name+ext)); err != nil {
				return fmt.Errorf("picture %s: %w", name, err)
			}
		}
		return nil
	}, nil
}

// saveCorrelation draws the correlation of the means of the last RN layer.
func saveCorrelation(ctx context.Context, r experiments.Result, env experiments.Environment, save func(string, *plots.Figure, error) error) error {
	layers, err := experiments.Inspect(ctx, r.ID, env)
	if err != nil {
		return err
	}
	last := layers[len(layers)-1]
	c, err := last.Correlation("mean", 0, 1)
	if err != nil {
		return err
	}
	f, err := plots.Correlation(plots.Matrix{P: c.P, Source: r.Source, Target: r.Target},
		plots.CorrelationOptions{Options: plots.Options{Title: last.Path + ", means"}})
	return save("correlation", f, err)
}

// taskOf names a task as a file name and a label can hold it.
func taskOf(r experiments.Result) string { return r.Source + "-" + r.Target }

// order lists tasks and norms in order of first appearance.
func order(results []experiments.Result) (tasks, norms []string) {
	seen := make(map[string]bool)
	for _, r := range results {
		if task := taskOf(r); !seen["task "+task] {
			seen["task "+task] = true
			tasks = append(tasks, task)
		}
		if !seen["norm "+r.Norm] {
			seen["norm "+r.Norm] = true
			norms = append(norms, r.Norm)
		}
	}
	return tasks, norms
}
