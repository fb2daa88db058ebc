package photo

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// Set makes photographs examples of one shape for package loader. It is safe for
// concurrent use.
type Set struct {
	paths     []string
	transform Transform

	mu     sync.Mutex
	cached map[int]*RGB // resized photographs
	room   int64        // bytes left for more
}

// SetOptions configure a set.
type SetOptions struct {
	// CacheBytes is memory for keeping resized photographs, which are then decoded only
	// once. The first ones read are kept until it is used up. Default 0: none.
	CacheBytes int64
}

// NewSet returns a set of files, which Read opens.
func NewSet(paths []string, t Transform, o SetOptions) (*Set, error) {
	if len(paths) == 0 {
		return nil, errors.New("there are no photographs")
	}
	if err := t.validate(); err != nil {
		return nil, fmt.Errorf("transform: %w", err)
	}
	return &Set{paths: slices.Clone(paths), transform: t, cached: make(map[int]*RGB), room: o.CacheBytes}, nil
}

// Len returns the number of photographs.
func (s *Set) Len() int { return len(s.paths) }

// Shape returns the shape of an example, see [Transform.Shape].
func (s *Set) Shape() []int { return s.transform.Shape() }

// Read writes photograph i to dst as an example. Errors name the file.
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

// resized returns a photograph at the transform's size, from memory if possible.
func (s *Set) resized(i int) (*RGB, error) {
	s.mu.Lock()
	im := s.cached[i]
	s.mu.Unlock()
	if im != nil {
		return im, nil
	}
	err := open(s.paths[i], s.transform.memory, func(opened *RGB) (err error) {
		im, err = s.transform.resized(opened)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if size := int64(len(im.Pix)); s.cached[i] == nil && size <= s.room {
		s.cached[i] = im
		s.room -= size
	}
	return im, nil
}
