package experiments

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

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
	examples := slowExamples{newMemory(make([]float32, 32), 1), new(sync.Mutex), &now, &most}
	d := data{
		source: set{name: "source", examples: examples, labels: make([]int32, 32)},
		target: set{name: "target", examples: examples},
	}
	b, err := newBatches(Config{BatchSize: 8}, d, 0, loader.Options{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		x, err := b.next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		x.finalize()
	}
	b.close()
	if most != workers {
		t.Errorf("%d examples were read at a time, want %d", most, workers)
	}
}
