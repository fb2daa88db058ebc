package export

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/training"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// foldsOf returns each norm of the network as one scale and one shift a channel, by
// the scope of the layer before it.
func foldsOf(t *training.Trainer) (map[string]rnlayer.Affine, error) {
	layers, err := rnlayer.Layers(t.Store)
	if err != nil {
		return nil, err
	}
	c := t.Prepared.Config
	folds := make(map[string]rnlayer.Affine)
	prefix := model.JoinPath("/", config.NetworkScope)
	for _, l := range layers {
		if !strings.HasPrefix(l.Path, prefix+"/") {
			continue
		}
		o := c.HeadNorm()
		if strings.HasPrefix(l.Path, model.JoinPath(prefix, config.BackboneScope)+"/") {
			o = c.BackboneNorm(t.Prepared.Variant)
		}
		scope := strings.TrimSuffix(l.Path, "/"+rnlayer.ScopeName)
		spec, err := rnlayer.Lookup(c.NormIn(scope))
		if err != nil {
			return nil, err
		}
		if folds[scope], err = spec.Affine(l, o); err != nil {
			return nil, fmt.Errorf("the norms cannot be folded: %w", err)
		}
	}
	if len(folds) == 0 {
		return nil, errors.New("the network has no norm to fold")
	}
	return folds, nil
}

// foldedStore holds the network with its norms folded. Only the offset of each norm
// remains.
func foldedStore(store *model.Store, folds map[string]rnlayer.Affine) (*model.Store, error) {
	folded := model.NewStore()
	prefix := model.JoinPath("/", config.NetworkScope)
	scaled := make(map[string]int)
	for v := range store.Scope(prefix).IterVariables() {
		if model.BasePath(v.Scope()) == rnlayer.ScopeName {
			continue
		}
		values := tensors.MustCopyFlatData[float32](v.MustValue())
		layer, f, ok := foldOf(folds, v.Scope())
		if ok {
			for i := range values { // the output channels are the last axis
				values[i] = float32(float64(values[i]) * f.Scale[i%len(f.Scale)])
			}
			if v.Shape().Rank() > 1 {
				scaled[layer]++
			}
		}
		if _, err := folded.CreateVariable(v.Path(), tensors.FromFlatDataAndDimensions(values, v.Shape().Dimensions...)); err != nil {
			return nil, err
		}
	}
	for layer, f := range folds {
		if scaled[layer] != 1 {
			return nil, fmt.Errorf("%d layers before the norm of %s: want one to fold it into", scaled[layer], layer)
		}
		shift := make([]float32, len(f.Shift))
		for k, v := range f.Shift {
			shift[k] = float32(v)
		}
		path := model.JoinPath(layer, rnlayer.ScopeName, rnlayer.VarOffset)
		if _, err := folded.CreateVariable(path, tensors.FromFlatDataAndDimensions(shift, len(shift))); err != nil {
			return nil, err
		}
	}
	return folded, nil
}

// foldOf finds the fold for a variable in the scope of a layer or below it.
func foldOf(folds map[string]rnlayer.Affine, scope string) (layer string, f rnlayer.Affine, ok bool) {
	for layer = scope; layer != "" && layer != "/"; layer = layer[:strings.LastIndex(layer, "/")] {
		if f, ok := folds[layer]; ok {
			return layer, f, true
		}
	}
	return "", rnlayer.Affine{}, false
}

// offsetOnly is the remainder of a folded norm.
func offsetOnly(scope *model.Scope, x *Node) *Node {
	shape := x.Shape().Clone()
	shape.Dimensions = shape.Dimensions[x.Rank()-1:]
	offset := scope.In(rnlayer.ScopeName).WithInitializer(initializer.Zero).VariableWithShape(rnlayer.VarOffset, shape)
	return Add(x, ExpandLeftToRank(offset.NodeValue(x.Graph()), x.Rank()))
}

// foldedLogits runs the folded network.
func foldedLogits(backend compute.Backend, t *training.Trainer, folded *model.Store, x *tensors.Tensor) (*tensors.Tensor, error) {
	p := t.Prepared
	p.Config.Network.Freeze = 0
	network, err := p.Network(func(rnlayer.Options) rnlayer.Norm { return offsetOnly })
	if err != nil {
		return nil, err
	}
	before := folded.NumVariables()
	logits, err := model.CallOnce(backend, folded, func(scope *model.Scope, x *Node) *Node {
		_, logits := network(scope.In(config.NetworkScope), x, t.Classes)
		return logits
	}, x)
	if err == nil && folded.NumVariables() != before {
		err = errors.New("the folded network has variables that the unfolded one lacks")
	}
	return logits, err
}
