package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// command is a call of rn in the folder of a trial.
type command struct {
	name string
	// state names what lies in the folder before the command, see [states].
	state string
	// args are the arguments. {photographs} and {weights} are paths of inputs, {run} is
	// the id of the only run in the folder.
	args []string
	// again are arguments to add when the command is repeated.
	again []string
	// file is the output file, if the command writes one.
	file string
	// only, if set, finds the part of stdout that is compared.
	only *regexp.Regexp
	// drop, if set, finds parts of stdout that differ between equal calls.
	drop *regexp.Regexp
}

// Toy trainings that take a second or two.
var (
	digits = []string{"--recipe", "digits", "--source", "mnist", "--target", "uci", "--train-limit", "64", "--batch-size", "8",
		"--steps", "40", "--eval-every", "20", "--save-every", "5", "--out", "out", "--json"}
	photographs = []string{"--recipe", "custom", "--root", "{photographs}", "--source", "summer", "--target", "winter",
		"--backbone", "resnet18", "--bottleneck", "8", "--resize", "36", "--crop", "32", "--batch-size", "4", "--objective", "entropy",
		"--save-every", "2", "--out", "out", "--json"}
)

// Commands that are tortured.
var (
	trainDigits = command{name: "train digits", state: stateEmpty, args: slices.Concat([]string{"train"}, digits), again: []string{"--resume"}}
	trainFrozen = command{name: "train photographs, frozen", state: stateEmpty, again: []string{"--resume"},
		args: slices.Concat([]string{"train"}, photographs, []string{"--features", "frozen", "--weights", "{weights}", "--steps", "12", "--eval-every", "6"})}
	trainFinetuned = command{name: "train photographs, finetuned", state: stateEmpty, again: []string{"--resume"},
		args: slices.Concat([]string{"train"}, photographs, []string{"--weights", "none", "--steps", "4", "--eval-every", "4"})}
	compare = command{name: "compare", state: stateEmpty, args: []string{"compare", "--recipe", "digits", "--tasks", "mnist:uci", "--norms", "bn,rn",
		"--objectives", "entropy", "--seeds", "2", "--steps", "6", "--save-every", "2", "--out", "out"}}
	ablate = command{name: "ablate", state: stateEmpty, drop: lastColumn, args: []string{"ablate", "components", "--variants", "bn,rn", "--recipe", "digits",
		"--source", "mnist", "--target", "uci", "--train-limit", "64", "--batch-size", "8", "--seeds", "2", "--steps", "6", "--out", "out"}}
	eval = command{name: "eval", state: stateDigits, file: "confusion.csv",
		args: []string{"eval", "--run", "{run}", "--out", "out", "--confusion", "confusion.csv", "--json"}}
	export = command{name: "export", state: stateDigits, file: "network.safetensors",
		args: []string{"export", "--run", "{run}", "--out", "out", "--file", "network.safetensors", "--json"}}
	report = command{name: "report", state: stateDigits, file: "page.html", args: []string{"report", "--out", "out", "--file", "page.html"}}
	plot   = command{name: "plot", state: stateGrid, file: "bars.png",
		args: []string{"plot", "bars", "--out", "out", "--file", "bars.png", "--json"}}
	weightsCheck = command{name: "weights check", state: stateWeights, args: []string{"weights", "check", "weights.safetensors"}}

	resumeDigits = command{name: "train --resume", state: stateHalf, args: slices.Concat([]string{"train", "--resume"}, digits)}
	evalBest     = command{name: "eval --best", state: stateDigits, args: []string{"eval", "--best", "--run", "{run}", "--out", "out", "--json"}}
	frozenAgain  = command{name: "train photographs, cached features", state: stateFrozen, args: trainFrozen.args, only: stateSum}
	trainWeights = command{name: "train with weights", state: stateWeights, only: stateSum,
		args: slices.Concat([]string{"train"}, photographs, []string{"--features", "frozen", "--weights", "weights.safetensors", "--steps", "2"})}
	trainPyTorch = command{name: "train with .pth", state: stateWeights, only: stateSum,
		args: slices.Concat([]string{"train"}, photographs, []string{"--features", "frozen", "--weights", "weights.pth", "--steps", "2"})}
	doctor = command{name: "doctor", state: stateEmpty, only: distrust, args: []string{"doctor"}}
)

var (
	lastColumn = regexp.MustCompile(`(?m) +[0-9.]+$`) // seconds a run
	// distrust finds the words for files that another user could have changed.
	distrust = regexp.MustCompile(`(?i)\b(owner|owned|belongs|chmod|chown|may write|writable)\b`)
	stateSum = regexp.MustCompile(`"state_sha256":"[0-9a-f]+"`)
	// volatile are fields of a result that differ between equal runs.
	volatile = regexp.MustCompile(`"(time|seconds|data_wait)":("[^"]*"|[-+0-9.e]+)`)
)

// arguments returns the arguments of a call in a folder.
func (c command) arguments(l *lab, dir string, repeat bool) ([]string, error) {
	args := slices.Clone(c.args)
	if repeat {
		args = append(args, c.again...)
	}
	for i, arg := range args {
		switch arg {
		case "{photographs}":
			args[i] = l.photographs
		case "{weights}":
			args[i] = l.weights
		case "{run}":
			runs, err := filepath.Glob(filepath.Join(dir, "out", "runs", "*"))
			if err != nil || len(runs) != 1 {
				return nil, fmt.Errorf("%s: %d runs in %s, want 1 (%v)", c.name, len(runs), dir, err)
			}
			args[i] = filepath.Base(runs[0])
		}
	}
	return args, nil
}

// observation is what a command did: how it ended, what it printed and wrote.
type observation struct {
	ending      ending
	fingerprint string
}

// observe takes the fingerprint of what a command in a folder printed and wrote.
func (c command) observe(dir string, e ending) (observation, error) {
	h := sha256.New()
	text := volatile.ReplaceAll(e.stdout, nil)
	if c.drop != nil {
		text = c.drop.ReplaceAll(text, nil)
	}
	if c.only != nil {
		text = c.only.Find(e.stdout)
	}
	h.Write(text)
	if c.file != "" {
		data, err := os.ReadFile(filepath.Join(dir, c.file))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return observation{}, err
		}
		h.Write(data)
	}
	return observation{e, hex.EncodeToString(h.Sum(nil))}, nil
}

// said is the end of what a process wrote to stderr, for the list of failures.
func (e ending) said() string {
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(e.stderr), "\r", "\n")), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], " | ")
}
