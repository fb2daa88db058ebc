package main

import (
	"context"
	"strings"
	"syscall"
)

// kind is a kind of fault.
type kind struct {
	name string
	// trials is the number of trials; ci is the number in the short form. CI runs the
	// kinds that hold: give a kind a number there once all its faults are mended.
	trials, ci int
	try        func(context.Context, *trial) (outcome, error)
	// missing, if set, says what the machine lacks for this kind.
	missing func(*lab) string
}

// kinds lists every kind of fault.
func kinds() []kind {
	all := []kind{
		{"kill: train digits", 40, 4, kill(trainDigits), nil},
		{"kill: train photographs, frozen", 20, 0, kill(trainFrozen), nil},
		{"kill: train photographs, finetuned", 4, 0, kill(trainFinetuned), nil},
		{"kill: compare", 15, 1, kill(compare), nil},
		{"kill: ablate", 15, 0, kill(ablate), nil},
		{"kill: eval", 8, 1, kill(eval), nil},
		{"kill: export", 8, 1, kill(export), nil},
		{"kill: report", 8, 0, kill(report), nil},
		{"kill: plot", 8, 1, kill(plot), nil},
		{"kill: weights check", 6, 0, kill(weightsCheck), nil},

		{"damage: checkpoint variables", 120, 4, flip(variables), nil},
		{"damage: checkpoint state", 100, 4, flip(state), nil},
		{"damage: checkpoint manifest", 150, 0, flip(manifest), nil},
		{"damage: best checkpoint", 40, 0, flip(best), nil},
		{"damage: run.json", 60, 0, flip(identity), nil},
		{"damage: results lines", 250, 0, flip(results), nil},
		{"damage: features", 100, 0, flip(features), nil},
		{"damage: XLA executables", 80, 4, flip(executables), nil},
		{"damage: weights .pth", 120, 0, flip(weightsPth), nil},
		{"damage: weights .safetensors, header", 80, 0, flip(weightsSafe), nil},

		{"disk: files of limited size", 40, 0, fileLimit([]command{trainDigits, compare, eval, export, report, plot}), nil},
		{"disk: full", 40, 0, fullDisk([]command{trainDigits, compare, eval, export, report, plot}), noMount},

		{"signal: INT", 6, 0, signalOnce(syscall.SIGINT), nil},
		{"signal: TERM", 6, 0, signalOnce(syscall.SIGTERM), nil},
		{"signal: HUP", 6, 0, signalOnce(syscall.SIGHUP), nil},
		{"signal: INT twice", 6, 0, signalTwice(syscall.SIGINT), nil},
		{"signal: TERM twice", 6, 0, signalTwice(syscall.SIGTERM), nil},
	}
	for _, i := range intrusions {
		all = append(all, kind{"users: " + i.name, 1, 0, intrude(i), noUsers})
	}
	return append(all, kind{"leak: many runs in a process", 1, 0, leak, noStatm})
}

// choose returns the kinds that the flags ask for, with their numbers of trials.
func choose(all []kind, o options) (chosen []kind) {
	for _, k := range all {
		if o.short {
			k.trials = k.ci
		}
		if k.trials == 0 || !strings.Contains(k.name, o.only) {
			continue
		}
		k.trials = max(1, k.trials*o.percent/100)
		chosen = append(chosen, k)
	}
	return chosen
}
