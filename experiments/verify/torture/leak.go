package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	leakRuns = 100
	// leakGrowth is how much memory may grow from a quarter of the runs to the last.
	leakGrowth = 1.15
)

// leak makes many runs in one process and looks at its memory after each.
func leak(ctx context.Context, t *trial) (outcome, error) {
	c := command{name: "compare with many seeds", state: stateEmpty, args: []string{"compare", "--recipe", "digits", "--tasks", "mnist:uci", "--norms", "rn",
		"--objectives", "cdan-e", "--seeds", strconv.Itoa(leakRuns), "--steps", "2", "--set", "train_limit=64", "--out", "out"}}
	if err := t.place(ctx, c.state); err != nil {
		return "", err
	}
	p, err := t.lab.start(c, t.dir, false)
	if err != nil {
		return "", err
	}
	var memory []int64 // after each run
	lines := filepath.Join(t.dir, "out", "results.jsonl")
	p.until(func() bool {
		data, _ := os.ReadFile(lines)
		for n := bytes.Count(data, []byte("\n")); len(memory) < n; {
			memory = append(memory, resident(p.cmd.Process.Pid))
		}
		return len(memory) == leakRuns || ctx.Err() != nil
	}, 10*timeLimit)
	e := p.end(ctx, timeLimit)
	t.note(e)
	if e.hung || e.code != 0 {
		return lost, nil
	}
	if len(memory) < leakRuns/2 {
		return "", fmt.Errorf("memory was seen after %d of %d runs", len(memory), leakRuns)
	}
	early, late := highest(memory[len(memory)/4:len(memory)/2]), highest(memory[3*len(memory)/4:])
	t.how = fmt.Sprintf("%d runs: at most %d MiB in the second quarter, %d MiB in the last", len(memory), early>>20, late>>20)
	if float64(late) > leakGrowth*float64(early) {
		return grew, nil
	}
	return same, nil
}

// highest is the largest value.
func highest(values []int64) (most int64) {
	for _, v := range values {
		most = max(most, v)
	}
	return most
}

// resident is the memory of a process in bytes, 0 if the system does not tell.
func resident(pid int) int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// noStatm says why memory cannot be seen.
func noStatm(*lab) string {
	if resident(os.Getpid()) == 0 {
		return "needs /proc/PID/statm to see a process's memory"
	}
	return ""
}
