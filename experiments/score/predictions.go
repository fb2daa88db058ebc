package score

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
)

// Predictions holds a network's class probabilities for labelled images.
type Predictions struct {
	Classes       []string    `json:"classes"`
	Labels        []int32     `json:"labels"`        // [images]
	Probabilities [][]float64 `json:"probabilities"` // [images][classes], rows sum to 1
}

// Evaluation holds the scores of predictions.
type Evaluation struct {
	// Accuracy is the share of images that are classified correctly.
	Accuracy float64 `json:"accuracy"`
	// MeanRecall is the mean of Recall over the classes that have images.
	MeanRecall float64 `json:"mean_recall"`
	// MeanPrecision is the mean of the precision over all classes. A class's precision
	// is the share of correct predictions among all predictions of the class, 0 if it is
	// never predicted. The authors' code prints this number for VisDA.
	MeanPrecision float64 `json:"mean_precision,omitempty"`
	// Recall is, for each class, the share of its images that are classified
	// correctly; −1 for a class without images.
	Recall []float64 `json:"recall"`
	// InfoMax is H(mean p) − mean H(p) of the predicted probabilities p, in nats. It is
	// high if predictions are certain and spread over the classes. It needs no labels;
	// the checkpoint with the highest InfoMax is kept as the best.
	InfoMax float64 `json:"infomax"`
	// Entropy is mean H(p), in nats, and SND is the soft neighbourhood density (Saito
	// et al. 2021), in nats. Neither needs labels. Certain predictions have a low
	// entropy; predictions with many similar neighbours have a high density.
	Entropy float64 `json:"entropy,omitempty"`
	SND     float64 `json:"snd,omitempty"`
	// ECE is the expected calibration error of Guo et al. 2017: the mean of
	// |accuracy − confidence| over 15 bins of confidence of equal width, as in the
	// paper, weighted by the number of images.
	ECE float64 `json:"ece,omitempty"`
}

// eceBins is the number of bins in Guo et al. 2017, section 5.
const eceBins = 15

// highest returns the index of a row's largest value, the first one in a tie.
func highest(row []float64) int {
	best := 0
	for k, v := range row {
		if v > row[best] {
			best = k
		}
	}
	return best
}

// Confidence returns the highest probability of each image, and whether the class with
// this probability is the image's class.
func (p Predictions) Confidence() (confidence []float64, right []bool) {
	for i, row := range p.Probabilities {
		best := highest(row)
		confidence, right = append(confidence, min(row[best], 1)), append(right, best == int(p.Labels[i]))
	}
	return confidence, right
}

// Confusion returns the number of images for each label (rows) and predicted class
// (columns).
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

// ClassScore counts the images and predictions of a class.
type ClassScore struct {
	Class string `json:"class"`
	// Images is the number of images of the class, Predicted the number of predictions
	// of the class, Right the number of correct ones.
	Images    int `json:"images"`
	Predicted int `json:"predicted"`
	Right     int `json:"right"`
	// Recall is Right/Images, or −1 without images. Precision is Right/Predicted, or 0
	// without predictions.
	Recall    float64 `json:"recall"`
	Precision float64 `json:"precision"`
}

// PerClass returns the score of each class.
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

// WritePerClass writes the scores of the classes as CSV with a header.
func (p Predictions) WritePerClass(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"class", "images", "predicted", "right", "recall", "precision"}}
	for _, s := range p.PerClass() {
		rows = append(rows, []string{s.Class, strconv.Itoa(s.Images), strconv.Itoa(s.Predicted), strconv.Itoa(s.Right), share(s.Recall), share(s.Precision)})
	}
	return out.WriteAll(rows)
}

// WriteConfusion writes the confusion matrix as CSV with a row for each label and a
// column for each predicted class.
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

// share formats a share for a table; the cell of a negative share is empty.
func share(v float64) string {
	if v < 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'f', 4, 64)
}

// Evaluation computes all scores of the predictions.
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
			e.Accuracy++ // divided by n below
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

// Softmax returns the class probabilities of a row of logits.
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

// entropyOf returns −Σ p log p in nats.
func entropyOf(p []float64) float64 {
	h := 0.0
	for _, v := range p {
		if v > 0 {
			h -= v * math.Log(v)
		}
	}
	return h
}
