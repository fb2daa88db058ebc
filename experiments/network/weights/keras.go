package weights

import (
	"fmt"
	"regexp"
	"strconv"
)

// Tensor names in keras-applications' ResNet: a layer and a parameter. Stages 2 to 5
// are torchvision's layers 1 to 4, blocks a, b, … its blocks 0, 1, …, branches 2a, 2b,
// 2c its units 1, 2, 3, and branch 1 its shortcut.
var (
	kerasUnit = regexp.MustCompile(`^(res|bn)([2-5])([a-z])_branch(1|2a|2b|2c)/(\w+)$`)
	kerasEnd  = regexp.MustCompile(`^(conv1|bn_conv1|fc1000)/(\w+)$`)
)

// kerasParameters maps Keras's names of a layer's parameters to PyTorch's.
var kerasParameters = map[string]map[string]string{
	"conv": {"kernel": "weight", "bias": "bias"},
	"norm": {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"},
}

// torchName returns torchvision's name for a tensor of keras-applications' ResNet,
// such as layer1.0.conv2.weight for res2a_branch2b/kernel.
func torchName(keras string) (string, error) {
	var module, kind, parameter string
	if m := kerasUnit.FindStringSubmatch(keras); m != nil {
		stage, _ := strconv.Atoi(m[2])
		block := fmt.Sprintf("layer%d.%d.", stage-1, m[3][0]-'a')
		kind, parameter = "conv", m[5]
		if m[1] == "bn" {
			kind = "norm"
		}
		switch {
		case m[4] != "1":
			module = block + map[string]string{"conv": "conv", "norm": "bn"}[kind] + string('1'+m[4][1]-'a')
		case kind == "conv":
			module = block + "downsample.0"
		default:
			module = block + "downsample.1"
		}
	} else if m := kerasEnd.FindStringSubmatch(keras); m != nil {
		end := map[string][2]string{"conv1": {"conv1", "conv"}, "bn_conv1": {"bn1", "norm"}, "fc1000": {"fc", "conv"}}[m[1]]
		module, kind, parameter = end[0], end[1], m[2]
	}
	name := kerasParameters[kind][parameter]
	if name == "" {
		return "", fmt.Errorf("tensor %q is not in keras-applications' ResNet, where names look like res2a_branch2b/kernel", keras)
	}
	return module + "." + name, nil
}
