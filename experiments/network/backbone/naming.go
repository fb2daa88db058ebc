package backbone

import (
	"fmt"
	"strings"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// Tensor describes a parameter of a published ResNet.
type Tensor struct {
	// Name is the name in torchvision, such as "layer1.0.conv2.weight".
	Name string
	// Path is the variable's path in the scope of the network, see [VariablePath].
	Path string
	// Shape is the shape in PyTorch: [out, in, kernel, kernel] for the weight of a
	// convolution, [channels] for all others.
	Shape []int
}

// Tensors lists the parameters of the network up to its pooled features, including the
// norms' running statistics, from the input on.
func (r ResNet) Tensors() []Tensor {
	var all []Tensor
	add := func(name string, shape ...int) {
		path, err := VariablePath(name)
		if err != nil {
			panic(err) // cannot happen: the names below are torchvision's
		}
		all = append(all, Tensor{Name: name, Path: path, Shape: shape})
	}
	addUnit := func(u unit) {
		add(u.conv+".weight", u.out, u.in, u.kernel, u.kernel)
		if r.Variant.ConvolutionBias {
			add(u.conv+".bias", u.out)
		}
		for _, name := range []string{".weight", ".bias", ".running_mean", ".running_var"} {
			add(u.norm+name, u.out)
		}
	}
	addUnit(r.stem())
	for layer := 1; layer < Stages; layer++ {
		for _, b := range r.blocks(layer) {
			for _, u := range b.main {
				addUnit(u)
			}
			if b.shortcut != nil {
				addUnit(*b.shortcut)
			}
		}
	}
	return all
}

// VariablePath returns the path, in the scope of the network, of the variable for a
// tensor of torchvision's ResNets. The variables of a norm are below the convolution
// that it follows:
//
//	conv1.weight                    conv1/weights
//	bn1.weight                      conv1/norm/scale
//	layer2.0.conv3.weight           layer2/0/conv3/weights
//	layer2.0.conv3.bias             layer2/0/conv3/biases          (Keras's variant only)
//	layer2.0.bn3.bias               layer2/0/conv3/norm/offset
//	layer2.0.bn3.running_var        layer2/0/conv3/norm/running_variance
//	layer2.0.downsample.0.weight    layer2/0/downsample/weights
//	layer2.0.downsample.1.weight    layer2/0/downsample/norm/scale
//
// Names of another form are an error, also fc.weight and fc.bias, the classifier's.
func VariablePath(tensor string) (string, error) {
	parts := strings.Split(tensor, ".")
	last := len(parts) - 1
	names := map[string]string{"weight": varWeights, "bias": varBiases}
	if last >= 1 {
		module := parts[last-1]
		norm, isNorm := strings.CutPrefix(module, "bn")
		_, isConvolution := strings.CutPrefix(module, "conv")
		prefix := parts[:last-1]
		switch {
		case isNorm:
			prefix = append(prefix[:len(prefix):len(prefix)], "conv"+norm)
		case isConvolution:
			prefix = append(prefix[:len(prefix):len(prefix)], module)
		case last >= 2 && parts[last-2] == "downsample" && (module == "0" || module == "1"):
			isNorm = module == "1"
		default:
			prefix = nil
		}
		if isNorm {
			names = map[string]string{
				"weight": rnlayer.VarScale, "bias": rnlayer.VarOffset,
				"running_mean": rnlayer.VarRunningMean, "running_var": rnlayer.VarRunningVariance,
			}
		}
		if name := names[parts[last]]; name != "" && len(prefix) > 0 {
			if isNorm {
				prefix = append(prefix[:len(prefix):len(prefix)], rnlayer.ScopeName)
			}
			return strings.Join(prefix, "/") + "/" + name, nil
		}
	}
	return "", fmt.Errorf("%q is not the name of a tensor of a ResNet's backbone, such as layer1.0.conv2.weight", tensor)
}
