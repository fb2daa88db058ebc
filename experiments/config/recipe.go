package config

import (
	"fmt"
	"slices"

	"github.com/reciprocalnorm/rn/experiments/data/photobench"
	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/registry"
	"github.com/reciprocalnorm/rn/experiments/sgd"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Recipe is a benchmark and its default settings.
type Recipe struct {
	// Name identifies the recipe in the command and in result files.
	Name string
	// Summary describes the recipe in a line.
	Summary string
	// Domains are the names of its datasets. An empty list allows any name: the
	// user's own photographs.
	Domains []string
	// Benchmark names the photographs in package photobench; empty for digits.
	Benchmark string
	// Height and Width are the size that digits are resized to, in pixels.
	Height, Width int
	// Features is the default of Network.Features.
	Features string

	// settings replaces defaults of all recipes by the recipe's own. Source and
	// target are set before it is called.
	settings func(*Config)
}

// OfPhotos reports whether the recipe uses photographs and a ResNet, not digits.
func (r Recipe) OfPhotos() bool { return r.Benchmark != "" }

// checkDomain returns an error for a domain that the recipe lacks.
func (r Recipe) checkDomain(role, domain string) error {
	if len(r.Domains) == 0 {
		if domain == "" {
			return fmt.Errorf("recipe %s needs a %s: a folder of class folders, or a list file, in the root folder", r.Name, role)
		}
		return nil
	}
	if !slices.Contains(r.Domains, domain) {
		return registry.Unknown(fmt.Sprintf("domain of recipe %s", r.Name), domain, r.Domains)
	}
	return nil
}

// canonical returns the registry's spelling of a domain. It returns unknown names
// unchanged, for Validate to refuse.
func (r Recipe) canonical(domain string) string {
	if b, err := photobench.Lookup(r.Benchmark); err == nil && domain != "" {
		if d, err := b.Domain(domain); err == nil {
			return d.Name
		}
	}
	return domain
}

// recipes is the one list of recipes.
var recipes = []Recipe{
	digits,
	photographs("office-home", "", nil),
	photographs("office-31", "", func(c *Config) {
		switch c.Source + " " + c.Target {
		case "amazon dslr", "amazon webcam", "dslr webcam":
			c.Optimizer.LearningRate = 3e-4 // the paper, section 4
		}
	}),
	photographs("image-clef", "", nil),
	photographs("visda", "", func(c *Config) {
		c.Optimizer.LearningRate = 3e-4  // the paper, section 4
		c.Network.PlainBottleneck = true // the authors' code, for ResNet-50
	}),
	photographs("office-caltech10", FeaturesFrozen, nil),
	photographs("pacs", "", nil),
	photographs("custom", "", nil), // the user's own photographs
}

var digits = Recipe{
	Name:    "digits",
	Summary: "MNIST, USPS and UCI digits at 28×28 with a small convolutional network; minutes on a CPU",
	Domains: []string{"mnist", "usps", "uci"},
	Height:  28, Width: 28,
	settings: func(c *Config) {
		if c.Source == "" && c.Target == "" {
			c.Source, c.Target = "mnist", "usps"
		}
		c.Steps, c.EvalEvery = 800, 200
		c.BatchSize = 64     // CDAN's digits
		c.TrainLimit = 10000 // of MNIST; the others have fewer
		c.Optimizer = sgd.Default()
		c.Optimizer.LearningRate = 0.01 // CDAN's digits
		c.ObjectiveOptions.DiscriminatorHidden = 256
	},
}

// photographs is the paper's recipe on a benchmark of package photobench.
func photographs(name, features string, adjust func(*Config)) Recipe {
	b, err := photobench.Lookup(name)
	if err != nil {
		panic(err) // a name above that the registry does not have
	}
	if features == "" {
		features = FeaturesFinetuned
	}
	var domains []string
	for _, d := range b.Domains {
		domains = append(domains, d.Name)
	}
	return Recipe{
		Name: name, Summary: b.Summary, Domains: domains, Benchmark: name, Features: features,
		settings: func(c *Config) {
			if c.Source == "" && c.Target == "" && len(b.Tasks) > 0 {
				c.Source, c.Target = b.Tasks[0].Source, b.Tasks[0].Target
			}
			c.Network.Backbone = "resnet50" // the paper, section 4
			c.Network.Weights = WeightsAuto
			c.Network.Bottleneck = 256 // CDAN's code
			c.Photos = paperPhotos
			c.BatchSize = 36 // a domain; the authors' code
			c.Optimizer = sgd.Default()
			if c.Network.Features == FeaturesFrozen {
				// Only the head learns, from features without augmentation, so a run takes
				// minutes. These are the settings of the PyTorch run that
				// experiments/results/README.md compares with.
				c.Steps, c.EvalEvery = 600, 100
				c.ObjectiveOptions.DiscriminatorHidden = 256
			} else {
				c.Steps, c.EvalEvery = 20004, 500 // the authors' code
				c.RampIterations = 10000          // CDAN's code
				c.Network.UniformScale = true     // the authors' code, for the new layers
			}
			if adjust != nil {
				adjust(c)
			}
		},
	}
}

// Task selects the defaults of a configuration.
type Task struct {
	// Recipe is a name of the registry. Source and Target may both be empty: the
	// recipe's first pair.
	Recipe, Source, Target string
	// Features is FeaturesFinetuned or FeaturesFrozen; empty for the recipe's.
	Features string
}

// Default returns a recipe's configuration for RN with CDAN+E on its first pair of
// domains.
func Default(recipe string) (Config, error) { return Task{Recipe: recipe}.Default() }

// Default returns the task's configuration for RN with CDAN+E.
func (t Task) Default() (Config, error) {
	r, err := LookupRecipe(t.Recipe)
	if err != nil {
		return Config{}, err
	}
	c := Config{
		Recipe: r.Name, Source: t.Source, Target: t.Target, Norm: "rn", Objective: "cdan-e",
		NormOptions: rnlayer.DefaultOptions(), ObjectiveOptions: objective.DefaultOptions(), Optimizer: sgd.Default(),
	}
	if r.OfPhotos() {
		c.Network.Features = r.Features
		c.Source, c.Target = r.canonical(c.Source), r.canonical(c.Target)
	}
	if t.Features != "" {
		c.Network.Features = t.Features
	}
	r.settings(&c)
	return c, nil
}

// FromRecipe compares the configuration with the defaults of its task. base is
// those defaults with the norm, objective and seed of c, and changes lists the
// fields in which c differs from base, as [Changes] does.
//
// The error names a recipe that the registry lacks, such as one of another version
// of the code. base then has only the task, norm, objective and seed, so that
// changes lists every other setting.
func (c Config) FromRecipe() (changes []string, base Config, err error) {
	base, err = Task{Recipe: c.Recipe, Source: c.Source, Target: c.Target, Features: c.Network.Features}.Default()
	if err != nil {
		base = Config{Recipe: c.Recipe, Source: c.Source, Target: c.Target}
	}
	base.Norm, base.Objective, base.Seed = c.Norm, c.Objective, c.Seed
	return Changes(base, c), base, err
}

// Recipes lists the recipes of the registry.
func Recipes() []Recipe { return slices.Clone(recipes) }

// LookupRecipe finds a recipe by name. The error lists the known names.
func LookupRecipe(name string) (Recipe, error) {
	return registry.Find("recipe", name, recipes, func(r Recipe) string { return r.Name })
}
