package objective_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/gomlx/backends/default"
)

// backend is GoMLX's pure Go backend unless $GOMLX_BACKEND names another one.
var backend compute.Backend

func TestMain(m *testing.M) {
	compute.DefaultConfig = "go"
	backend = compute.MustNew()
	os.Exit(m.Run())
}

// normal returns a [rows, columns] matrix of standard normal values, which the seed
// determines.
func normal(seed uint64, rows, columns int) [][]float64 {
	rng := rand.New(rand.NewPCG(seed, 0))
	out := make([][]float64, rows)
	for i := range out {
		out[i] = make([]float64, columns)
		for j := range out[i] {
			out[i][j] = rng.NormFloat64()
		}
	}
	return out
}
