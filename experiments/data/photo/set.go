package photo

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// Set is photographs as examples of one shape: what package loader reads. It is
// safe for concurrent use.
type Set struct {
	paths     []string
	transform Transform

	mu     sync.Mutex
	cached map[int]*RGB // resized
	room   int64        // bytes left for them
}

// SetOptions are options of a set.
type SetOptions struct {
	// CacheBytes is the memory for resized photographs that are kept, so that they
	// are decoded once: the first that come, until it is used up. Default 0, none.
	CacheBytes int64
}

// NewSet is a set of files. They are opened when they are read.
func NewSet(paths []string, t Transform, o SetOptions) (*Set, error) {
	if len(paths) == 0 {
		return nil, errors.New("there are no photographs")
	}
	if err := t.Validate(); err != nil {
		return nil, fmt.Errorf("transform: %w", err)
	}
	return &Set{paths: slices.Clone(paths), transform: t, cached: make(map[int]*RGB), room: o.CacheBytes}, nil
}

// Len is the number of photographs.
func (s *Set) Len() int { return len(s.paths) }

// Shape is that of an example, see [Transform.Shape].
func (s *Set) Shape() []int { return s.transform.Shape() }

// Read writes photograph i as an example to dst. An error names the file.
func (s *Set) Read(i int, draw *rand.Rand, dst []float32) error {
	im, err := s.resized(i)
	if err != nil {
		return err
	}
	if len(dst) != s.transform.size() {
		return fmt.Errorf("%s: room for %d values, want %d", s.paths[i], len(dst), s.transform.size())
	}
	s.transform.take(im, draw, dst)
	return nil
}

// resized is a photograph at the transform's size, from memory if it is there.
func (s *Set) resized(i int) (*RGB, error) {
	s.mu.Lock()
	im := s.cached[i]
	s.mu.Unlock()
	if im != nil {
		return im, nil
	}
	im, err := Open(s.paths[i])
	if err != nil {
		return nil, err
	}
	im, err = s.transform.resized(im)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.paths[i], err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if size := int64(len(im.Pix)); s.cached[i] == nil && size <= s.room {
		s.cached[i] = im
		s.room -= size
	}
	return im, nil
}
