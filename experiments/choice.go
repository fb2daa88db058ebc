package experiments

import (
	"fmt"
	"slices"
	"strings"
)

// Choice is a way to choose the checkpoint of a run among its evaluations.
type Choice struct {
	// Name is what tables and files call it.
	Name string
	// Summary says in a line what is chosen.
	Summary string
	// Oracle says that it looks at target labels: no result of unsupervised
	// adaptation.
	Oracle bool

	// score is highest at the chosen evaluation, the last one if there is no score;
	// ok is false where the evaluation lacks it.
	score func(e Evaluation) (value float64, ok bool)
	// field is where a result has what was chosen.
	field func(a *Accuracy) *float64
}

// infoMax chooses the checkpoint that is kept as best.
var infoMax = Choice{
	Name: "infomax", Summary: "highest InfoMax, H(mean p) − mean H(p), label-free",
	score: func(e Evaluation) (float64, bool) { return e.InfoMax, true },
	field: func(a *Accuracy) *float64 { return &a.LabelFree },
}

// choices is the one list of them. The label-free scores are those of the
// target's test images, without their labels.
var choices = []Choice{
	{
		Name: "last", Summary: "the last step",
		field: func(a *Accuracy) *float64 { return &a.Last },
	},
	infoMax,
	{
		Name: "entropy", Summary: "lowest mean entropy of the predictions, label-free",
		score: func(e Evaluation) (float64, bool) { return -e.Entropy, e.Entropy > 0 },
		field: func(a *Accuracy) *float64 { return &a.Entropy },
	},
	{
		Name: "snd", Summary: "highest soft neighbourhood density, label-free (Saito et al. 2021, arXiv 2108.10860)",
		score: func(e Evaluation) (float64, bool) { return e.SND, e.SND > 0 },
		field: func(a *Accuracy) *float64 { return &a.SND },
	},
	{
		Name: "oracle", Summary: "highest target accuracy, by target labels: no result of unsupervised adaptation", Oracle: true,
		score: func(e Evaluation) (float64, bool) { return e.Accuracy, true },
		field: func(a *Accuracy) *float64 { return &a.Oracle },
	},
}

// Choices lists them: last, the label-free ones and the oracle.
func Choices() []Choice { return slices.Clone(choices) }

// Of is the index of the evaluation that is chosen, the first of several; ok is
// false if there is none, or one of them lacks the score, as in results of
// before it was computed.
func (c Choice) Of(points []Point) (index int, ok bool) {
	if len(points) == 0 {
		return 0, false
	}
	if c.score == nil {
		return len(points) - 1, true
	}
	best, highest := 0, 0.0
	for i, p := range points {
		score, ok := c.score(p.Target)
		if !ok {
			return 0, false
		}
		if i == 0 || score > highest {
			best, highest = i, score
		}
	}
	return best, true
}

// LookupChoice finds a choice by name; the error lists the names there are.
func LookupChoice(name string) (Choice, error) {
	names := make([]string, len(choices))
	for i, c := range choices {
		if c.Name == name {
			return c, nil
		}
		names[i] = c.Name
	}
	return Choice{}, fmt.Errorf("unknown choice of the checkpoint %q: want one of %s", name, strings.Join(names, ", "))
}
