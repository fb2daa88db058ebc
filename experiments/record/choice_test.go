package record

import (
	"testing"

	"github.com/reciprocalnorm/rn/experiments/score"
)

// TestChoiceOf: each choice looks at its own score, the first of equals.
func TestChoiceOf(t *testing.T) {
	points := []Point{
		{Target: score.Evaluation{Accuracy: 0.1, InfoMax: 4, Entropy: 3, SND: 2}},
		{Target: score.Evaluation{Accuracy: 0.2, InfoMax: 5, Entropy: 2, SND: 3}},
		{Target: score.Evaluation{Accuracy: 0.3, InfoMax: 5, Entropy: 1, SND: 1}},
		{Target: score.Evaluation{Accuracy: 0.4, InfoMax: 1, Entropy: 4, SND: 2}},
		{Target: score.Evaluation{Accuracy: 0.2, InfoMax: 2, Entropy: 5, SND: 2}},
	}
	want := map[string]int{"last": 4, "infomax": 1, "entropy": 2, "snd": 1, "oracle": 3}
	for _, c := range Choices() {
		if got, ok := c.Of(points); !ok || got != want[c.Name] {
			t.Errorf("%s chooses %d, %v, want %d", c.Name, got, ok, want[c.Name])
		}
		if _, ok := c.Of(nil); ok {
			t.Errorf("%s chooses among nothing", c.Name)
		}
		if c.Oracle != (c.Name == "oracle") {
			t.Errorf("%s: oracle %v", c.Name, c.Oracle)
		}
	}
	points[1].Target.Entropy, points[3].Target.SND = 0, 0 // a line of before the scores
	for _, c := range Choices() {
		if _, ok := c.Of(points); ok == (c.Name == "entropy" || c.Name == "snd") {
			t.Errorf("%s without its score: %v", c.Name, ok)
		}
	}
}
