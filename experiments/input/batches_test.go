package input

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/data/loader"
)

// slowExamples count how many of them are read at a time.
type slowExamples struct {
	*memory
	mu        *sync.Mutex
	now, most *int
}

func (s slowExamples) Read(i int, draw *rand.Rand, dst []float32) error {
	s.mu.Lock()
	*s.now++
	*s.most = max(*s.most, *s.now)
	s.mu.Unlock()
	time.Sleep(time.Millisecond)
	err := s.memory.Read(i, draw, dst)
	s.mu.Lock()
	*s.now--
	s.mu.Unlock()
	return err
}

// TestBatchesShareWorkers checks that source and target together read no more
// examples at a time than there are workers.
func TestBatchesShareWorkers(t *testing.T) {
	const workers = 2
	var most, now int
	examples := slowExamples{NewMemory(make([]float32, 32), 1).(*memory), new(sync.Mutex), &now, &most}
	d := Data{
		Source: Set{Name: "source", Examples: examples, Labels: make([]int32, 32)},
		Target: Set{Name: "target", Examples: examples},
	}
	b, err := NewBatches(config.Config{BatchSize: 8}, d, 0, loader.Options{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		x, err := b.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		x.Finalize()
	}
	b.Close()
	if most != workers {
		t.Errorf("%d examples were read at a time, want %d", most, workers)
	}
}
