package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nlpodyssey/safetensors"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// writePhotographs writes photographs of three classes in two domains, the second one
// darker. The colour shows the class, under noise.
func writePhotographs(root string) error {
	const width, height, each = 48, 40, 8
	rng := rand.New(rand.NewPCG(1, 2))
	for domain, light := range map[string]float64{"summer": 1, "winter": 0.6} {
		for class, name := range []string{"blue", "green", "red"} {
			dir := filepath.Join(root, domain, name)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			for i := range each {
				im := image.NewNRGBA(image.Rect(0, 0, width, height))
				for p := range width * height {
					rgb := [3]float64{0.2, 0.2, 0.2}
					rgb[2-class] = 0.8
					for k := range rgb {
						rgb[k] = 255 * light * (rgb[k] + 0.2*rng.Float64())
					}
					im.SetNRGBA(p%width, p/width, color.NRGBA{uint8(rgb[0]), uint8(rgb[1]), uint8(rgb[2]), 255})
				}
				var data bytes.Buffer
				if err := png.Encode(&data, im); err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)+".png"), data.Bytes(), 0o644); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// tensor is a tensor of weights.
type tensor struct {
	name  string
	shape []int
	data  []byte // float32, little-endian
}

// randomWeights draws weights of a ResNet-18.
func randomWeights() ([]tensor, error) {
	resnet, err := backbone.LookupResNet("resnet18")
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(3, 4))
	var all []tensor
	for _, t := range resnet.Tensors() {
		n := 1
		for _, d := range t.Shape {
			n *= d
		}
		deviation := math.Sqrt(2 / float64(n/t.Shape[0]))
		data := make([]byte, 0, 4*n)
		for range n {
			v := 1.0 // scales and variances
			switch {
			case len(t.Shape) > 1:
				v = deviation * (2*rng.Float64() - 1)
			case strings.HasSuffix(t.Name, "bias"), strings.HasSuffix(t.Name, "mean"):
				v = 0.1 * rng.Float64()
			}
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(v)))
		}
		all = append(all, tensor{t.Name, t.Shape, data})
	}
	return all, nil
}

// writeWeights writes the same random weights in two formats.
func writeWeights(safetensorsPath, pytorchPath string) error {
	all, err := randomWeights()
	if err != nil {
		return err
	}
	views := make(map[string]safetensors.TensorView)
	for _, t := range all {
		shape := make([]uint64, len(t.shape))
		for i, d := range t.shape {
			shape[i] = uint64(d)
		}
		if views[t.name], err = safetensors.NewTensorView(safetensors.F32, shape, t.data); err != nil {
			return err
		}
	}
	data, err := safetensors.Serialize(views, nil)
	if err != nil {
		return err
	}
	if err := os.WriteFile(safetensorsPath, data, 0o644); err != nil {
		return err
	}
	if data, err = pytorchFile(all); err != nil {
		return err
	}
	return os.WriteFile(pytorchPath, data, 0o644)
}

// pytorchFile returns a file as torch.save writes it: an uncompressed zip with a pickle
// of a state dict and a file per storage.
func pytorchFile(all []tensor) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	add := func(name string, data []byte) error {
		f, err := w.CreateHeader(&zip.FileHeader{Name: "archive/" + name, Method: zip.Store})
		if err == nil {
			_, err = f.Write(data)
		}
		return err
	}
	if err := add("data.pkl", statePickle(all)); err != nil {
		return nil, err
	}
	if err := add("byteorder", []byte("little")); err != nil {
		return nil, err
	}
	for i, t := range all {
		if err := add(fmt.Sprintf("data/%d", i), t.data); err != nil {
			return nil, err
		}
	}
	if err := add("version", []byte("3\n")); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// statePickle pickles an OrderedDict from names to torch._utils._rebuild_tensor_v2 of
// storages, with protocol 2.
func statePickle(all []tensor) []byte {
	const orderedDict = "ccollections\nOrderedDict\n)R"
	var p bytes.Buffer
	number := func(n int) { p.WriteByte('J'); p.Write(binary.LittleEndian.AppendUint32(nil, uint32(n))) }
	text := func(s string) {
		p.WriteByte('X')
		p.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(s))))
		p.WriteString(s)
	}
	tuple := func(values []int) {
		p.WriteByte('(')
		for _, v := range values {
			number(v)
		}
		p.WriteByte('t')
	}
	p.WriteString("\x80\x02" + orderedDict + "(")
	for i, t := range all {
		text(t.name)
		p.WriteString("ctorch._utils\n_rebuild_tensor_v2\n((")
		text("storage")
		p.WriteString("ctorch\nFloatStorage\n")
		text(strconv.Itoa(i))
		text("cpu")
		number(len(t.data) / 4)
		p.WriteString("tQ") // the storage
		number(0)           // its offset
		tuple(t.shape)
		strides, n := make([]int, len(t.shape)), 1
		for k := len(strides) - 1; k >= 0; k-- {
			strides[k] = n
			n *= t.shape[k]
		}
		tuple(strides)
		p.WriteString("\x89" + orderedDict + "tR") // requires no gradient, has no hooks
	}
	p.WriteString("u.")
	return p.Bytes()
}
