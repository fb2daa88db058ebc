package main

import (
	"context"
	"encoding/binary"
)

// target is a kind of file that rn reads back, and the commands that read it.
type target struct {
	name, pattern string
	// readers read the file one after the other, until one refuses it. The last one is
	// compared with its reference.
	readers []command
	// part, if set, is the number of leading bytes that the format protects; nil for
	// all.
	part func([]byte) int
	// newest damages the last file by name, such as the newest checkpoint, in place of
	// any file.
	newest bool
}

// Files that are damaged.
var (
	variables    = target{name: "checkpoint variables", pattern: "out/runs/*/checkpoints/step-*/variables.safetensors", readers: []command{resumeDigits}, newest: true}
	state        = target{name: "checkpoint state", pattern: "out/runs/*/checkpoints/step-*/state.json", readers: []command{resumeDigits}, newest: true}
	manifest     = target{name: "checkpoint manifest", pattern: "out/runs/*/checkpoints/step-*/manifest.json", readers: []command{resumeDigits}, newest: true}
	best         = target{name: "best checkpoint", pattern: "out/runs/*/checkpoints/best.json", readers: []command{evalBest}}
	identity     = target{name: "run.json", pattern: "out/runs/*/run.json", readers: []command{resumeDigits}}
	results      = target{name: "results lines", pattern: "out/results.jsonl", readers: []command{plot}}
	features     = target{name: "features", pattern: "cache/features/*.features", readers: []command{frozenAgain}}
	executables  = target{name: "XLA executables", pattern: "cache/xla/*.xla", readers: []command{resumeDigits}}
	weightsPth   = target{name: "weights .pth", pattern: "weights.pth", readers: []command{checkPyTorch, trainPyTorch}}
	weightsSafe  = target{name: "weights .safetensors, header", pattern: "weights.safetensors", readers: []command{weightsCheck, trainWeights}, part: safetensorsHeader}
	checkPyTorch = command{name: "weights check .pth", state: stateWeights, args: []string{"weights", "check", "weights.pth"}}
)

// safetensorsHeader is the length of the header. The format has no checksum, so that a
// changed value in a file of others cannot be found.
func safetensorsHeader(data []byte) int { return 8 + int(binary.LittleEndian.Uint64(data)) }

// flip damages a file and has it read.
func flip(f target) func(context.Context, *trial) (outcome, error) {
	return func(ctx context.Context, t *trial) (outcome, error) {
		last := f.readers[len(f.readers)-1]
		want, err := t.reference(ctx, last)
		if err != nil {
			return "", err
		}
		if err := t.place(ctx, last.state); err != nil {
			return "", err
		}
		if t.how, err = f.damage(t.dir, t.rng); err != nil {
			return "", err
		}
		for _, reader := range f.readers {
			got, err := t.call(ctx, reader, false)
			if err != nil {
				return "", err
			}
			reference := want
			if reader.name != last.name {
				if got.ending.code == 0 && !got.ending.crashed() {
					continue // what it prints says nothing about the numbers
				}
				reference = observation{}
			}
			if o := judge(reference, got); reader.name == last.name || o != same {
				return o, nil
			}
		}
		return same, nil
	}
}
