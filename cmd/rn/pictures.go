package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/study/figures"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/plots"
)

// savePictures draws the demo's results into DIR/pictures, as SVG and PNG, and
// returns the folder: accuracies as bars, each task's learning curves, and a
// channel correlation of the last RN run.
func savePictures(ctx context.Context, results []record.Result, env environment.Environment) (string, error) {
	dir := filepath.Join(env.Out, "pictures")
	save, err := pictureSaver(dir)
	if err != nil {
		return "", err
	}
	draw := func(name, kind string, in figures.Input) error {
		k, err := figures.Lookup(kind)
		if err != nil {
			return err
		}
		d, err := k.Draw(ctx, in)
		return save(name, d.Figure, err)
	}
	for _, task := range tasksOf(results) {
		of := slices.DeleteFunc(slices.Clone(results), func(r record.Result) bool { return taskOf(r) != task })
		if err := draw("curves-"+of[0].Objective+"-"+task, "curves", figures.Input{Results: of}); err != nil {
			return "", err
		}
	}
	if err := draw("accuracy", "bars", figures.Input{Results: results, Figure: plots.Options{Title: "Digits, " + results[0].Objective}}); err != nil {
		return "", err
	}
	for _, r := range slices.Backward(results) {
		if r.Norm == "rn" {
			return dir, draw("correlation", "correlation", figures.Input{Runs: experiments.OpenEach(ctx, []string{r.ID}, checkpoint.Latest, env)})
		}
	}
	return dir, nil
}

// pictureSaver makes the folder and returns a function that saves a figure there as SVG
// and PNG, or passes on the error of drawing it.
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

// taskOf names a task for a file name.
func taskOf(r record.Result) string { return r.Source + "-" + r.Target }

// tasksOf lists tasks in order of first appearance.
func tasksOf(results []record.Result) (tasks []string) {
	for _, r := range results {
		if task := taskOf(r); !slices.Contains(tasks, task) {
			tasks = append(tasks, task)
		}
	}
	return tasks
}
