package experiments

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/dataset"
)

// Evaluation is what a network's predictions of labelled images amount to.
type Evaluation struct {
	// Accuracy is the share of images that are classified right.
	Accuracy float64 `json:"accuracy"`
	// MeanRecall is the mean over classes of the share of a class's images that
	// are classified right.
	MeanRecall float64 `json:"mean_recall"`
	// Recall is that share by class, −1 for a class without images.
	Recall []float64 `json:"recall"`
	// InfoMax is H(mean p) − mean H(p) of the predicted probabilities p, in nats:
	// high where predictions are certain and spread over the classes. It needs no
	// labels, and chooses the label-free checkpoint.
	InfoMax float64 `json:"infomax"`
}

// evalBatch is the number of images predicted at once; the last batch is padded,
// so that one graph is compiled.
const evalBatch = 500

// predict returns the logits of all images, [images][classes].
func (t *trainer) predict(images *dataset.Images) ([][]float32, error) {
	logits := make([][]float32, 0, images.Len())
	size := images.ImageSize()
	pixels := make([]float32, evalBatch*size)
	for start := 0; start < images.Len(); start += evalBatch {
		n := min(evalBatch, images.Len()-start)
		copy(pixels, images.Pixels[start*size:(start+n)*size])
		x := tensors.FromFlatDataAndDimensions(pixels, evalBatch, images.Height, images.Width, images.Channels)
		out, err := t.infer.Call1(x)
		if err != nil {
			return nil, fmt.Errorf("predicting %s: %w", images.Name, err)
		}
		rows, ok := out.Value().([][]float32)
		if !ok {
			return nil, fmt.Errorf("predicting %s: logits of shape %s", images.Name, out.Shape())
		}
		logits = append(logits, rows[:n]...)
		out.MustFinalizeAll()
		x.MustFinalizeAll()
	}
	return logits, nil
}

// evaluate predicts labelled images and scores the predictions.
func (t *trainer) evaluate(images *dataset.Images) (Evaluation, error) {
	logits, err := t.predict(images)
	if err != nil {
		return Evaluation{}, err
	}
	return score(logits, images.Labels, len(images.Classes)), nil
}

// score compares logits with labels.
func score(logits [][]float32, labels []int32, classes int) Evaluation {
	right, count := make([]float64, classes), make([]float64, classes)
	mean, entropy := make([]float64, classes), 0.0
	for i, row := range logits {
		best := 0
		for k, v := range row {
			if v > row[best] {
				best = k
			}
		}
		label := labels[i]
		count[label]++
		if best == int(label) {
			right[label]++
		}
		p := softmax(row)
		entropy += entropyOf(p) / float64(len(logits))
		for k, v := range p {
			mean[k] += v / float64(len(logits))
		}
	}
	e := Evaluation{Recall: make([]float64, classes), InfoMax: entropyOf(mean) - entropy}
	present := 0.0
	for k := range classes {
		e.Accuracy += right[k] / float64(len(logits))
		e.Recall[k] = -1
		if count[k] > 0 {
			e.Recall[k] = right[k] / count[k]
			e.MeanRecall += e.Recall[k]
			present++
		}
	}
	e.MeanRecall /= present
	return e
}

// softmax of a row of logits.
func softmax(row []float32) []float64 {
	highest := math.Inf(-1)
	for _, v := range row {
		highest = math.Max(highest, float64(v))
	}
	p, sum := make([]float64, len(row)), 0.0
	for k, v := range row {
		p[k] = math.Exp(float64(v) - highest)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}

// entropyOf is −Σ p log p in nats.
func entropyOf(p []float64) float64 {
	h := 0.0
	for _, v := range p {
		if v > 0 {
			h -= v * math.Log(v)
		}
	}
	return h
}
