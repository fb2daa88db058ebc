package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/reciprocalnorm/rn/experiments/config"
)

// fieldFlag is a flag that sets one field of a configuration. The flag is applied
// as the same edit that --set and the ablations apply.
type fieldFlag struct {
	name  string
	field string // path in the configuration's JSON
	usage string
	// kind adds the flag to a set and returns its value.
	kind func(flags *pflag.FlagSet, name, usage string) func() any
}

// fieldFlags is the one list of flags that set a field; --set reaches every other
// field. Their defaults are the recipe's.
var fieldFlags = []fieldFlag{
	{"norm", "norm", `normalization (default "rn"); see rn list norms`, text},
	{"norm-at", "norm_at", "places that get the norm, the others get BN: conv1, conv2, hidden for digits; stem, layer1 to layer4, bottleneck for photographs (default: all)", texts},
	{"objective", "objective", `objective (default "cdan-e"); see rn list objectives`, text},
	{"activations", "activations", `dtype of activations between layers: "float32", or "bfloat16" with float32 weights and statistics, for GPUs; CPUs gain little (default "float32")`, text},
	{"backbone", "network.backbone", `photographs: resnet18, resnet34, resnet50, resnet101 or resnet152 (default "resnet50")`, text},
	{"weights", "network.weights", `photographs: pretrained weights, a name of rn weights list, a file, "auto" or "none" (default "auto")`, text},
	{"freeze", "network.freeze", "photographs: freeze the first N backbone stages (1 = stem, 5 = all)", number},
	{"bottleneck", "network.bottleneck", "photographs: width of the bottleneck (default 256)", number},
	{"plain-bottleneck", "network.plain_bottleneck", "photographs: bottleneck without norm and ReLU", truth},
	{"resize", "photos.resize", "photographs: height and width in pixels before cropping (default 256)", number},
	{"crop", "photos.crop", "photographs: side in pixels of the crop that the network reads (default 224)", number},
	{"test-crops", "photos.test_crops", "photographs: crops of each photograph in tests, 1 or 10 (default 1)", number},
	{"steps", "steps", "training steps (default: the recipe's)", number},
	{"batch-size", "batch_size", "images of each domain in a step (default: the recipe's)", number},
	{"eval-every", "eval_every", "steps between evaluations (default: the recipe's)", number},
	{"train-limit", "train_limit", "digits: use the first N training images of each domain, 0 for all (default: the recipe's)", number},
	{"lr", "optimizer.learning_rate", "learning rate (default: the recipe's)", real},
	{"random-dim", "objective_options.random_dim", "CDAN: width of the randomized map, 0 for the outer product", number},
	{"distance", "norm_options.distance", `RN: comparison of statistics, l2, l1, dot or cosine (default "l2")`, text},
	{"group-size", "norm_options.group_size", "RN: adjacent channels compared as one, 0 for the paper's choice", number},
	{"gate-min", "norm_options.gate_min", "RN, AutoDIAL: lower end of the gates' range (default 0.5)", real},
	{"own-share", "norm_options.own_share", "RN without aggregation: fixed share of a domain's own statistics (default 0.5)", real},
	{"no-compensation", "norm_options.compensate", "RN: mix with the same channel of the other domain (no RC)", falsehood},
	{"no-aggregation", "norm_options.aggregate", "RN: mix at a fixed share (no RA gates)", falsehood},
	{"seed", "seed", "seed of initial weights, batches, augmentation and dropout", bigNumber},
}

func text(flags *pflag.FlagSet, name, usage string) func() any {
	v := flags.String(name, "", usage)
	return func() any { return *v }
}

func texts(flags *pflag.FlagSet, name, usage string) func() any {
	v := flags.StringSlice(name, nil, usage)
	return func() any { return *v }
}

func number(flags *pflag.FlagSet, name, usage string) func() any {
	v := flags.Int(name, 0, usage)
	return func() any { return *v }
}

func bigNumber(flags *pflag.FlagSet, name, usage string) func() any {
	v := flags.Int64(name, 0, usage)
	return func() any { return *v }
}

func real(flags *pflag.FlagSet, name, usage string) func() any {
	v := flags.Float64(name, 0, usage)
	return func() any { return *v }
}

func truth(flags *pflag.FlagSet, name, usage string) func() any {
	v := flags.Bool(name, false, usage)
	return func() any { return *v }
}

// falsehood is a flag that switches a field off.
func falsehood(flags *pflag.FlagSet, name, usage string) func() any {
	v := flags.Bool(name, false, usage)
	return func() any { return !*v }
}

// fieldEdits adds the flags of some fields to a command. The result returns the
// edits of the flags that were given.
type fieldEdits struct {
	flags  *pflag.FlagSet
	values map[string]func() any // by flag
	set    *[]string
}

// addFieldFlags adds the named flags, or all without names, and --set.
func addFieldFlags(cmd *cobra.Command, names ...string) *fieldEdits {
	e := &fieldEdits{flags: cmd.Flags(), values: make(map[string]func() any)}
	wanted := make(map[string]bool)
	for _, name := range names {
		wanted[name] = true
	}
	for _, f := range fieldFlags {
		if len(names) == 0 || wanted[f.name] {
			e.values[f.name] = f.kind(e.flags, f.name, f.usage)
		}
	}
	e.set = e.flags.StringArray("set", nil, "FIELD=VALUE sets any field of the configuration as results.jsonl names it, such as norm_options.momentum=0.2; may be repeated")
	return e
}

// apply edits a configuration as the given flags say. Errors are wrong use.
func (e *fieldEdits) apply(c config.Config) (config.Config, error) {
	var err error
	for _, f := range fieldFlags {
		value := e.values[f.name]
		if value == nil || !e.flags.Changed(f.name) {
			continue
		}
		if c, err = (config.Edit{Field: f.field, Value: value()}).Set(c); err != nil {
			return c, usageError{fmt.Errorf("--%s: %w", f.name, err)}
		}
	}
	for _, text := range *e.set {
		edit, err := config.ParseEdit(text)
		if err == nil {
			c, err = edit.Set(c)
		}
		if err != nil {
			return c, usageError{fmt.Errorf("--set %w", err)}
		}
	}
	return c, nil
}

// addFieldFlag adds one of the flags for a command that takes its value as it is.
func addFieldFlag(cmd *cobra.Command, name string) func() any {
	for _, f := range fieldFlags {
		if f.name == name {
			return f.kind(cmd.Flags(), f.name, f.usage)
		}
	}
	panic("no field has the flag --" + name)
}
