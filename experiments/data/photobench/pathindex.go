package photobench

import (
	"hash/maphash"
	"path"
)

// pathIndex finds a list's paths, whatever their spelling. It holds hashes in place
// of the paths, because lists have millions of them.
type pathIndex struct {
	seed      maphash.Seed
	positions map[uint64]int32
}

// newPathIndex returns an empty index with room for n paths.
func newPathIndex(n int) pathIndex { return pathIndex{maphash.MakeSeed(), make(map[uint64]int32, n)} }

// cleaned returns a path in one spelling.
func cleaned(listed string) string { return path.Clean(slashed(listed)) }

// find returns the position of a cleaned path among the paths of a list. If it is new,
// find returns false and takes len(paths) for its position.
func (x pathIndex) find(key string, paths []string) (position int, ok bool) {
	for hash := maphash.String(x.seed, key); ; hash++ { // paths with equal hashes follow each other
		at, taken := x.positions[hash]
		if !taken {
			x.positions[hash] = int32(len(paths))
			return len(paths), false
		}
		if cleaned(paths[at]) == key {
			return int(at), true
		}
	}
}
