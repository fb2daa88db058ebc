package objective

import "github.com/gomlx/gomlx/ml/model"

var sourceOnly = Spec{
	Name:      "source-only",
	Summary:   "cross-entropy on source",
	Reference: "the baseline without adaptation",
	New: func(Options) Objective {
		return func(_ *model.Scope, b Batch) Losses { return Losses{Task: b.task()} }
	},
}
