package export

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/nlpodyssey/safetensors"

	"github.com/reciprocalnorm/rn/experiments/atomicfile"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// writeSafetensors writes the network's variables under the names and in the
// layout of PyTorch, and returns how many there are.
func writeSafetensors(path string, store *model.Store, metadata map[string]string) (int, error) {
	views := make(map[string]safetensors.TensorView)
	biases := make(map[string][]float32)
	put := func(name string, values []float32, dims []int) error {
		data := make([]byte, 0, 4*len(values))
		for _, v := range values {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		}
		shape := make([]uint64, len(dims))
		for i, d := range dims {
			shape[i] = uint64(d)
		}
		view, err := safetensors.NewTensorView(safetensors.F32, shape, data)
		views[name] = view
		return err
	}
	for v := range store.IterVariables() {
		name := torchName(strings.TrimPrefix(v.Scope(), model.JoinPath("/", config.NetworkScope)+"/"))
		values := tensors.MustCopyFlatData[float32](v.MustValue())
		if v.Shape().Rank() == 1 { // a layer's own bias, and the offset of the norm folded into it
			if biases[name] == nil {
				biases[name] = make([]float32, len(values))
			}
			for i, value := range values {
				biases[name][i] += value
			}
			continue
		}
		values, dims := outputFirst(values, v.Shape().Dimensions)
		if err := put(name+".weight", values, dims); err != nil {
			return 0, fmt.Errorf("%s: %w", v.Path(), err)
		}
	}
	for name, values := range biases {
		if err := put(name+".bias", values, []int{len(values)}); err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
	}
	data, err := safetensors.Serialize(views, metadata)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return 0, err
	}
	return len(views), atomicfile.WriteFile(path, data)
}

// torchName is torchvision's name for a layer's scope: "layer1/0/conv2" of the
// backbone is "layer1.0.conv2", a shortcut's convolution is "downsample.0".
func torchName(scope string) string {
	scope = strings.TrimSuffix(scope, "/"+rnlayer.ScopeName)
	for _, prefix := range []string{config.BackboneScope + "/", config.HeadScope + "/"} {
		scope = strings.TrimPrefix(scope, prefix)
	}
	name := strings.ReplaceAll(scope, "/", ".")
	if strings.HasSuffix(name, ".downsample") {
		name += ".0"
	}
	return name
}

// outputFirst turns weights [height, width, in, out] or [in, out] into PyTorch's
// [out, in, height, width] or [out, in].
func outputFirst(values []float32, dims []int) ([]float32, []int) {
	in, out := dims[len(dims)-2], dims[len(dims)-1]
	window := len(values) / (in * out)
	turned := make([]float32, len(values))
	for w := range window {
		for i := range in {
			for o := range out {
				turned[(o*in+i)*window+w] = values[(w*in+i)*out+o]
			}
		}
	}
	return turned, slices.Concat([]int{out, in}, dims[:len(dims)-2])
}
