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

// CreateVariables makes the network's variables in the store, below scope and
// without values, so that pretrained values can be set before the first step:
// those that get none are initialised when a graph first runs. Variables that
// are there already stay as they are.
//
// It builds the network once on a graph that is thrown away, for inference:
// variables that a norm only has in training come with the training graph. scope
// and norm must be what training builds the network with.
func (r ResNet) CreateVariables(backend compute.Backend, store *model.Store, scope string, norm rnlayer.Norm) error {
	g := NewGraph(backend, r.Name()+" variables")
	defer g.Finalize()
	// Two images, so that a norm with statistics of the batch has a variance to compute.
	const images, size = 2, 2 * minResNetSize
	err := exceptions.TryCatch[error](func() {
		model.SetStore(g, store)
		r.Build(store.Scope(scope), Parameter(g, "x", shapes.Make(dtypes.Float32, images, size, size, 3)), norm)
	})
	if err != nil {
		return fmt.Errorf("variables of %s: %w", r.Name(), err)
	}
	return nil
}
