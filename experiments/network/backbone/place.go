package backbone

import (
	"fmt"
	"slices"
)

// Place is a part of a network whose norms are configured together.
type Place struct {
	// Name is the place's name in configurations.
	Name string
	// Scope contains its norms; it is relative to the scope of the network.
	Scope string
	// Channels are the distinct widths of its norms.
	Channels []int
}

// DigitsPlaces returns the places of the norms of [Digits], from the input on.
func DigitsPlaces() []Place {
	return []Place{
		{"conv1", "conv1", []int{digitsChannels[0]}},
		{"conv2", "conv2", []int{digitsChannels[1]}},
		{"hidden", "head/hidden", []int{digitsFeatures}},
	}
}

// Places returns the places of the norms that are not frozen, from the input on: of stem
// and layer1 to layer4.
func (r ResNet) Places() []Place {
	stem := r.stem()
	all := []Place{{"stem", stem.scope, []int{stem.out}}}
	for layer := 1; layer < Stages; layer++ {
		name := fmt.Sprintf("layer%d", layer)
		p := Place{Name: name, Scope: name}
		for _, u := range r.blocks(layer)[0].main {
			if !slices.Contains(p.Channels, u.out) {
				p.Channels = append(p.Channels, u.out)
			}
		}
		all = append(all, p)
	}
	return all[r.Freeze:]
}

// Places returns the place of the head's norm, the bottleneck, or none without a norm.
func (h Head) Places() []Place {
	if !h.Norm {
		return nil
	}
	return []Place{{bottleneckScope, bottleneckScope, []int{h.Bottleneck}}}
}
