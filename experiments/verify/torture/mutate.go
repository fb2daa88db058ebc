package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// mutate damages bytes and says how. Three of four mutations flip one bit, as memory,
// cables and disks do; the others cut the end off, clear a sector or append a copy.
// Only bytes from the first to the end of the part are hit; a part of 0 is the whole.
func mutate(data []byte, part int, rng *rand.Rand) (damaged []byte, how string) {
	damaged = slices.Clone(data)
	if part <= 0 || part > len(data) {
		part = len(data)
	}
	if part == 0 {
		return []byte{0}, "append a byte to an empty file"
	}
	at := rng.IntN(part)
	switch rng.IntN(12) {
	case 0:
		return damaged[:at], fmt.Sprintf("cut at byte %d", at)
	case 1:
		end := min(at+512, part)
		clear(damaged[at:end])
		return damaged, fmt.Sprintf("clear bytes %d to %d", at, end)
	case 2:
		return append(damaged, data[:at+1]...), fmt.Sprintf("append a copy of the first %d bytes", at+1)
	}
	bit := rng.IntN(8)
	damaged[at] ^= 1 << bit
	return damaged, fmt.Sprintf("flip bit %d of byte %d", bit, at)
}

// damage mutates one of the target's files below a folder and says what it did. It keeps
// the file's mode.
func (f target) damage(dir string, rng *rand.Rand) (how string, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, f.pattern))
	if err != nil {
		return "", err
	}
	if len(paths) == 0 {
		return "", fmt.Errorf("no file %s to damage", f.pattern)
	}
	slices.Sort(paths)
	path := paths[rng.IntN(len(paths))]
	if f.newest {
		path = paths[len(paths)-1]
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	limit := 0
	if f.part != nil {
		limit = f.part(data)
	}
	damaged, how := mutate(data, limit, rng)
	if slices.Equal(damaged, data) { // cleared what was clear
		damaged[0] ^= 1
		how = "flip bit 0 of byte 0"
	}
	name, err := filepath.Rel(dir, path)
	if err != nil {
		return "", err
	}
	return name + ": " + how, os.WriteFile(path, damaged, 0o600)
}
