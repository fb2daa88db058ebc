package training

import (
	"slices"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Layers lists the norm layers of a store in order of their paths.
func Layers(store *model.Store) ([]rnlayer.Layer, error) {
	layers, err := rnlayer.Layers(store)
	slices.SortFunc(layers, func(a, b rnlayer.Layer) int { return naturalCompare(a.Path, b.Path) })
	return layers, err
}

// Gates summarizes the gates of the layers that have gates.
func Gates(store *model.Store) ([]record.Gates, error) {
	layers, err := Layers(store)
	if err != nil {
		return nil, err
	}
	var all []record.Gates
	for _, l := range layers {
		if l.MeanGates != nil || l.VarianceGates != nil {
			all = append(all, record.Gates{Layer: l.Path, Mean: record.QuantilesOf(l.MeanGates), Variance: record.QuantilesOf(l.VarianceGates)})
		}
	}
	return all, nil
}
