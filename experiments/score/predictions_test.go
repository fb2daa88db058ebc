package score

import (
	"bytes"
	"math"
	"reflect"
	"testing"
)

// fourImages returns predictions that are easy to count by hand, for the classes a, b
// and c. No image is of class c.
func fourImages() Predictions {
	return Predictions{
		Classes: []string{"a", "b", "c"},
		Labels:  []int32{0, 0, 1, 0},
		Probabilities: [][]float64{
			{0.8, 0.1, 0.1},   // right
			{0.25, 0.15, 0.6}, // predicted as c
			{0, 1, 0},         // right
			{0.65, 0.35, 0},   // right
		},
	}
}

func TestEvaluation(t *testing.T) {
	e := fourImages().Evaluation()
	mean := []float64{1.7 / 4, 1.6 / 4, 0.7 / 4}
	entropy := 0.0
	for _, row := range fourImages().Probabilities {
		entropy += entropyOf(row) / 4
	}
	for name, pair := range map[string][2]float64{
		"accuracy":       {e.Accuracy, 0.75},
		"mean recall":    {e.MeanRecall, (2.0/3 + 1) / 2}, // of the two classes that have images
		"mean precision": {e.MeanPrecision, (1 + 1 + 0) / 3.0},
		"infomax":        {e.InfoMax, entropyOf(mean) - entropy},
		"entropy":        {e.Entropy, entropy},
		"snd":            {e.SND, slowDensity(fourImages().Probabilities)},
		// The bins have the width 1/15: 0.6 and 0.65 share the bin [0.6, 0.667), 0.8 and 1 have one each.
		"ece": {e.ECE, (0.2 + math.Abs(1-0.6-0.65) + 0) / 4},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-12 {
			t.Errorf("%s is %g, want %g", name, pair[0], pair[1])
		}
	}
	if want := []float64{2.0 / 3, 1, -1}; !reflect.DeepEqual(e.Recall, want) {
		t.Errorf("recall %v, want %v", e.Recall, want)
	}
}

func TestConfusion(t *testing.T) {
	if got, want := fourImages().Confusion(), [][]int{{2, 0, 1}, {0, 1, 0}, {0, 0, 0}}; !reflect.DeepEqual(got, want) {
		t.Errorf("confusion %v, want %v", got, want)
	}
	var classes, confusion bytes.Buffer
	if err := fourImages().WritePerClass(&classes); err != nil {
		t.Fatal(err)
	}
	if err := fourImages().WriteConfusion(&confusion); err != nil {
		t.Fatal(err)
	}
	if got, want := classes.String(), "class,images,predicted,right,recall,precision\na,3,2,2,0.6667,1.0000\nb,1,1,1,1.0000,1.0000\nc,0,1,0,,0.0000\n"; got != want {
		t.Errorf("classes:\n%s\nwant:\n%s", got, want)
	}
	if got, want := confusion.String(), "label,a,b,c\na,2,0,1\nb,0,1,0\nc,0,0,0\n"; got != want {
		t.Errorf("confusion:\n%s\nwant:\n%s", got, want)
	}
}

// TestCertain checks that certain, correct predictions have a calibration error of 0.
func TestCertain(t *testing.T) {
	p := Predictions{Classes: []string{"a", "b"}, Labels: []int32{0, 1}, Probabilities: [][]float64{{1, 0}, {0, 1}}}
	if e := p.Evaluation(); e.ECE != 0 || e.Accuracy != 1 || math.Abs(e.InfoMax-math.Ln2) > 1e-12 {
		t.Errorf("evaluation of certain, correct predictions: %+v", e)
	}
}
