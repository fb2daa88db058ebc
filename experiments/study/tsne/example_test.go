package tsne_test

import (
	"context"
	"fmt"
	"log"

	"github.com/reciprocalnorm/rn/experiments/study/tsne"
)

// Two distant groups of vectors stay apart in the plane.
func ExampleEmbed() {
	var x [][]float64
	for i := range 12 {
		f := float64(i)
		x = append(x, []float64{f, 0, 0}, []float64{f, 50, 50})
	}
	e, err := tsne.Embed(context.Background(), x, tsne.Options{Perplexity: 4, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	nearest := 1
	sq := func(a, b [2]float64) float64 { return (a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) }
	for j := range e.Places {
		if j > 0 && sq(e.Places[0], e.Places[j]) < sq(e.Places[0], e.Places[nearest]) {
			nearest = j
		}
	}
	fmt.Println(len(e.Places), "places; nearest to the first vector:", x[nearest])
	// Output:
	// 24 places; nearest to the first vector: [1 0 0]
}
