package experiments

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/backbone"
	"github.com/reciprocalnorm/rn/experiments/sgd"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Recipe is a benchmark with the settings it is run with.
type Recipe struct {
	// Name is what the command and result files call it.
	Name string
	// Summary says in a line what it is.
	Summary string
	// Domains are the names of its datasets.
	Domains []string
	// Height and Width are what images are resized to.
	Height, Width int
	// Network is the backbone with its head.
	Network func(scope *model.Scope, x *graph.Node, classes int, norm rnlayer.Norm) (features, logits *graph.Node)
	// settings changes the defaults that hold for every recipe.
	settings func(*Config)
}

// recipes is the one list of recipes.
var recipes = []Recipe{{
	Name:    "digits",
	Summary: "MNIST, USPS and UCI digits at 28×28 with a small convolutional network; minutes on a CPU",
	Domains: []string{"mnist", "usps", "uci"},
	Height:  28, Width: 28,
	Network: backbone.Digits,
	settings: func(c *Config) {
		c.Source, c.Target = "mnist", "usps"
		c.Steps, c.EvalEvery = 800, 200
		c.BatchSize = 64     // CDAN's digits
		c.TrainLimit = 10000 // of MNIST; the others have fewer
		c.Optimizer = sgd.Default()
		c.Optimizer.LearningRate = 0.01 // CDAN's digits
		c.ObjectiveOptions.DiscriminatorHidden = 256
	},
}}

// Recipes lists the recipes of the registry.
func Recipes() []Recipe { return slices.Clone(recipes) }

// LookupRecipe finds a recipe by name; the error lists the names there are.
func LookupRecipe(name string) (Recipe, error) {
	names := make([]string, len(recipes))
	for i, r := range recipes {
		if r.Name == name {
			return r, nil
		}
		names[i] = r.Name
	}
	return Recipe{}, fmt.Errorf("unknown recipe %q: want one of %s", name, strings.Join(names, ", "))
}
