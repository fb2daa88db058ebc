package loader

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// ErrNoneReadable is wrapped by the error of a [Loader] that skips broken examples
// and finds that all are broken.
var ErrNoneReadable = errors.New("no example can be read")

// namedBroken is the number of errors listed when no example can be read.
const namedBroken = 3

// broken remembers the examples that could not be read.
type broken struct {
	tell func(index int, err error) // nil: nobody is told

	mu     sync.Mutex
	errors map[int]error
}

// has reports whether an example could not be read, once that has been told.
func (b *broken) has(index int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, known := b.errors[index]
	return known
}

// add remembers an example and reports it if it is new. It holds the lock
// meanwhile, so a batch that leaves the example out is complete only afterwards.
func (b *broken) add(index int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.errors[index]; known {
		return
	}
	if b.errors == nil {
		b.errors = make(map[int]error)
	}
	b.errors[index] = err
	if b.tell != nil {
		b.tell(index, err)
	}
}

// all returns the error for n examples that are all broken.
func (b *broken) all(n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var first []error
	for _, index := range slices.Sorted(maps.Keys(b.errors)) {
		if len(first) < namedBroken {
			first = append(first, b.errors[index])
		}
	}
	return fmt.Errorf("%w, of %d; the first: %w", ErrNoneReadable, n, errors.Join(first...))
}
