package record

import (
	"slices"

	"github.com/reciprocalnorm/rn/experiments/registry"
	"github.com/reciprocalnorm/rn/experiments/score"
)

// Choice is a rule that picks one evaluation of a run, and with it a checkpoint.
type Choice struct {
	// Name identifies the choice in tables and files.
	Name string
	// Summary describes the choice in a line.
	Summary string
	// Oracle marks a choice that uses target labels: an upper bound, not a result of
	// unsupervised adaptation.
	Oracle bool

	// score is highest at the chosen evaluation. nil chooses the last one. ok is
	// false for an evaluation that lacks the score.
	score func(e score.Evaluation) (value float64, ok bool)
	// field is the choice's field in a result.
	field func(a *Accuracy) *float64
}

// infoMax chooses the checkpoint that is kept as best.
var infoMax = Choice{
	Name: "infomax", Summary: "highest InfoMax, H(mean p) − mean H(p), label-free",
	score: func(e score.Evaluation) (float64, bool) { return e.InfoMax, true },
	field: func(a *Accuracy) *float64 { return &a.InfoMax },
}

// choices is the one list of choices. The label-free scores are computed from the
// predictions for the target's test images, without their labels.
var choices = []Choice{
	{
		Name: "last", Summary: "the last step",
		field: func(a *Accuracy) *float64 { return &a.Last },
	},
	infoMax,
	{
		Name: "entropy", Summary: "lowest mean entropy of the predictions, label-free",
		score: func(e score.Evaluation) (float64, bool) { return -e.Entropy, e.Entropy > 0 },
		field: func(a *Accuracy) *float64 { return &a.Entropy },
	},
	{
		Name: "snd", Summary: "highest soft neighbourhood density, label-free (Saito et al. 2021, arXiv 2108.10860)",
		score: func(e score.Evaluation) (float64, bool) { return e.SND, e.SND > 0 },
		field: func(a *Accuracy) *float64 { return &a.SND },
	},
	{
		Name: "oracle", Summary: "highest target accuracy, by target labels: an upper bound, not a result", Oracle: true,
		score: func(e score.Evaluation) (float64, bool) { return e.Accuracy, true },
		field: func(a *Accuracy) *float64 { return &a.Oracle },
	},
}

// Choices lists the choices: last, the label-free ones and the oracle.
func Choices() []Choice { return slices.Clone(choices) }

// Of returns the index of the chosen evaluation, the first of equals. ok is false
// if there are no points or if one of them lacks the score, as in results from
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

// LookupChoice finds a choice by name. The error lists the known names.
func LookupChoice(name string) (Choice, error) {
	return registry.Find("choice of the checkpoint", name, choices, func(c Choice) string { return c.Name })
}

// Best is the index of the evaluation whose checkpoint is kept as best: the choice
// infomax. There must be a point.
func Best(points []Point) int {
	i, _ := infoMax.Of(points)
	return i
}
