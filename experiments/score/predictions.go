package score

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
)

// Predictions are a network's class probabilities for labelled images.
type Predictions struct {
	Classes       []string    `json:"classes"`
	Labels        []int32     `json:"labels"`        // [images]
	Probabilities [][]float64 `json:"probabilities"` // [images][classes], rows sum to 1
}

// Evaluation is what predictions amount to.
type Evaluation struct {
	// Accuracy is the share of images that are classified right.
	Accuracy float64 `json:"accuracy"`
	// MeanRecall is the mean over classes of the share of a class's images that
	// are classified right.
	MeanRecall float64 `json:"mean_recall"`
	// MeanPrecision is the mean over classes of the share of the images taken for
	// a class that are of it, 0 for a class that no image is taken for: what the
	// authors' code prints for VisDA.
	MeanPrecision float64 `json:"mean_precision,omitempty"`
	// Recall is the share by class, −1 for a class without images.
	Recall []float64 `json:"recall"`
	// InfoMax is H(mean p) − mean H(p) of the predicted probabilities p, in nats:
	// high where predictions are certain and spread over the classes. It needs no
	// labels, and chooses the label-free checkpoint.
	InfoMax float64 `json:"infomax"`
	// Entropy is mean H(p), in nats, and SND the soft neighbourhood density (Saito
	// et al. 2021), in nats: two other scores that need no labels. Certain
	// predictions have a low entropy, predictions with many alike a high density.
	Entropy float64 `json:"entropy,omitempty"`
	SND     float64 `json:"snd,omitempty"`
	// ECE is the expected calibration error of Guo et al. 2017 with their 15 bins
	// of equal width: the mean of |accuracy − confidence| over bins of confidence,
	// weighted by images.
	ECE float64 `json:"ece,omitempty"`
}

// eceBins is the number of bins in Guo et al. 2017, section 5.
const eceBins = 15

// highest is the index of a row's largest value, the first of several.
func highest(row []float64) int {
	best := 0
	for k, v := range row {
		if v > row[best] {
			best = k
		}
	}
	return best
}

// Confidence is the highest probability of each image, and whether its class is
// right.
func (p Predictions) Confidence() (confidence []float64, right []bool) {
	for i, row := range p.Probabilities {
		best := highest(row)
		confidence, right = append(confidence, min(row[best], 1)), append(right, best == int(p.Labels[i]))
	}
	return confidence, right
}

// Confusion counts images by label (rows) and predicted class (columns).
func (p Predictions) Confusion() [][]int {
	counts := make([][]int, len(p.Classes))
	for k := range counts {
		counts[k] = make([]int, len(p.Classes))
	}
	for i, row := range p.Probabilities {
		counts[p.Labels[i]][highest(row)]++
	}
	return counts
}

// ClassScore is how well a class is recognized.
type ClassScore struct {
	Class string `json:"class"`
	// Images are those of the class, Predicted those taken for it, Right both.
	Images    int `json:"images"`
	Predicted int `json:"predicted"`
	Right     int `json:"right"`
	// Recall is Right/Images, −1 without images; Precision is Right/Predicted, 0
	// without predictions.
	Recall    float64 `json:"recall"`
	Precision float64 `json:"precision"`
}

// PerClass scores each class.
func (p Predictions) PerClass() []ClassScore {
	scores := make([]ClassScore, len(p.Classes))
	for label, row := range p.Confusion() {
		scores[label].Class = p.Classes[label]
		scores[label].Right = row[label]
		for k, n := range row {
			scores[label].Images += n
			scores[k].Predicted += n
		}
	}
	for k := range scores {
		s := &scores[k]
		s.Recall = -1
		if s.Images > 0 {
			s.Recall = float64(s.Right) / float64(s.Images)
		}
		if s.Predicted > 0 {
			s.Precision = float64(s.Right) / float64(s.Predicted)
		}
	}
	return scores
}

// WritePerClass writes the scores of each class as CSV with a header.
func (p Predictions) WritePerClass(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"class", "images", "predicted", "right", "recall", "precision"}}
	for _, s := range p.PerClass() {
		rows = append(rows, []string{s.Class, strconv.Itoa(s.Images), strconv.Itoa(s.Predicted), strconv.Itoa(s.Right), share(s.Recall), share(s.Precision)})
	}
	return out.WriteAll(rows)
}

// WriteConfusion writes the confusion matrix as CSV: a row a label, a column a
// predicted class.
func (p Predictions) WriteConfusion(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{append([]string{"label"}, p.Classes...)}
	for label, counts := range p.Confusion() {
		row := []string{p.Classes[label]}
		for _, n := range counts {
			row = append(row, strconv.Itoa(n))
		}
		rows = append(rows, row)
	}
	return out.WriteAll(rows)
}

// share is a share for a table, empty where there is none.
func share(v float64) string {
	if v < 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'f', 4, 64)
}

// Evaluation sums the predictions up.
func (p Predictions) Evaluation() Evaluation {
	n := float64(len(p.Probabilities))
	e := Evaluation{Recall: make([]float64, len(p.Classes))}
	var right, confidence, count [eceBins]float64
	mean := make([]float64, len(p.Classes))
	entropy := 0.0
	for i, row := range p.Probabilities {
		best := highest(row)
		bin := min(int(row[best]*eceBins), eceBins-1)
		count[bin]++
		confidence[bin] += row[best]
		if best == int(p.Labels[i]) {
			right[bin]++
			e.Accuracy++ // of n
		}
		entropy += entropyOf(row) / n
		for k, v := range row {
			mean[k] += v / n
		}
	}
	e.Accuracy /= n
	for b := range count {
		e.ECE += math.Abs(right[b]-confidence[b]) / n
	}
	e.InfoMax = entropyOf(mean) - entropy
	e.Entropy, e.SND = entropy, density(p.Probabilities)
	present := 0.0
	for k, s := range p.PerClass() {
		e.Recall[k] = s.Recall
		e.MeanPrecision += s.Precision / float64(len(p.Classes))
		if s.Images > 0 {
			e.MeanRecall += s.Recall
			present++
		}
	}
	e.MeanRecall /= present
	return e
}

// Softmax of a row of logits.
func Softmax(row []float32) []float64 {
	top := math.Inf(-1)
	for _, v := range row {
		top = math.Max(top, float64(v))
	}
	p, sum := make([]float64, len(row)), 0.0
	for k, v := range row {
		p[k] = math.Exp(float64(v) - top)
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
