package loader_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
)

// squares are examples of one value, the square of the index.
type squares int

func (n squares) Len() int     { return int(n) }
func (n squares) Shape() []int { return []int{1} }
func (n squares) Read(i int, _ *rand.Rand, dst []float32) error {
	dst[0] = float32(i * i)
	return nil
}

func Example() {
	schedule := func(step int) []int { // two steps of two examples
		if step == 2 {
			return nil
		}
		return []int{2 * step, 2*step + 1}
	}
	l := loader.New(squares(4), schedule, 0, 1, loader.Options{Workers: 2})
	defer l.Close()
	for {
		b, err := l.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(b.Step, b.Indices, b.Values)
		l.Recycle(b)
	}
	// Output:
	// 0 [0 1] [0 1]
	// 1 [2 3] [4 9]
}
