package backbone

import (
	"fmt"
	"slices"
)

// Place is a part of a network whose norms are chosen together.
type Place struct {
	// Name is what configurations call it.
	Name string
	// Scope is that of its norms or above them, in the scope of the network.
	Scope string
	// Channels are the widths of its norms, each once.
	Channels []int
}

// DigitsPlaces are the places of the norms of [Digits], from the input on.
func DigitsPlaces() []Place {
	return []Place{
		{"conv1", "conv1", []int{digitsChannels[0]}},
		{"conv2", "conv2", []int{digitsChannels[1]}},
		{"hidden", "head/hidden", []int{DigitsFeatures}},
	}
}

// Places are those of the norms that are not frozen, from the input on: the
// stem and layer1 to layer4.
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

// Places are those of the head's norm: the bottleneck, or none.
func (h Head) Places() []Place {
	if !h.Norm {
		return nil
	}
	return []Place{{BottleneckScope, BottleneckScope, []int{h.Bottleneck}}}
}
