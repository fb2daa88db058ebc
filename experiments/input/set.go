package input

import (
	"math/rand/v2"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
)

// Set is the examples of a domain.
type Set struct {
	Name     string
	Examples loader.Examples
	// Labels are the class of each example; nil where training must not see them.
	Labels  []int32
	Classes []string
	// Crops is the number of rows that an example consists of in tests; 0 is one row
	// without an axis of its own.
	Crops int
}

// WithoutLabels is the same set, unlabelled.
func (s Set) WithoutLabels() Set {
	s.Labels = nil
	return s
}

// Data is everything that a run reads. The target has no labels; Test has them.
type Data struct {
	Source, Target, Test Set
}

// memory holds examples in memory.
type memory struct {
	values []float32 // [n, shape…]
	shape  []int
	size   int
}

// NewMemory makes examples of the given shape from values [n, shape…].
func NewMemory(values []float32, shape ...int) loader.Examples {
	return &memory{values, shape, SizeOf(shape)}
}

// SizeOf is the number of values of a shape.
func SizeOf(shape []int) int {
	size := 1
	for _, d := range shape {
		size *= d
	}
	return size
}

// Len implements loader.Examples.
func (m *memory) Len() int { return len(m.values) / m.size }

// Shape implements loader.Examples.
func (m *memory) Shape() []int { return m.shape }

// Read implements loader.Examples. It does not augment.
func (m *memory) Read(i int, _ *rand.Rand, dst []float32) error {
	copy(dst, m.values[i*m.size:(i+1)*m.size])
	return nil
}
