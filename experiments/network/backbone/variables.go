package backbone

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// CreateVariables creates the network's variables in the store, below scope and without
// values, so that pretrained values can be set before the first step. Variables without
// a value are initialized when a graph first runs; existing variables do not change.
//
// It builds the network once, for inference, on a graph that is thrown away: variables
// that a norm creates only in training come with the training graph. scope and norm must
// be the ones that training builds the network with.
func (r ResNet) CreateVariables(backend compute.Backend, store *model.Store, scope string, norm rnlayer.Norm) error {
	g := NewGraph(backend, r.Name()+" variables")
	defer g.Finalize()
	// Two images, so that a norm that uses the statistics of the batch has a variance.
	const images, size = 2, 2 * minResNetSize
	err := exceptions.TryCatch[error](func() {
		model.SetStore(g, store)
		r.Build(store.Scope(scope), Parameter(g, "x", shapes.Make(dtypes.Float32, images, size, size, 3)), norm)
	})
	if err != nil {
		return fmt.Errorf("creating the variables of %s: %w", r.Name(), err)
	}
	return nil
}
