package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/registry"
)

// fieldFlag is a flag that sets one field of a configuration. It applies the same
// edits as --set and the ablations.
type fieldFlag struct {
	name  string
	field string // path in the configuration's JSON
	usage string
	// kind adds the flag to a set and returns a function that reads its value.
	kind func(flags *pflag.FlagSet, name, usage string) func() any
}

// fieldFlags is the one list of flags that set a field. --set reaches every other
// field. The recipe decides their defaults.
var fieldFlags = []fieldFlag{
	{"norm", "norm", "normalization, a `NAME` from rn list norms (default \"rn\")", text},
	{"norm-at", "norm_at", "`PLACES` with the norm; the others get BN. Digits: conv1, conv2, hidden. Photographs: stem, layer1 to layer4, bottleneck (default: all)", texts},
	{"objective", "objective", "training objective, a `NAME` from rn list objectives (default \"cdan-e\")", text},
	{"activations", "activations", "`DTYPE` of activations between layers: float32, or bfloat16 with float32 weights and statistics; for GPUs, CPUs gain little (default \"float32\")", text},
	{"backbone", "network.backbone", "photographs: backbone `NAME`, one of resnet18, resnet34, resnet50, resnet101, resnet152 (default \"resnet50\")", text},
	{"weights", "network.weights", "photographs: initial `WEIGHTS`: a name from rn weights list, a file, auto or none (default \"auto\")", text},
	{"freeze", "network.freeze", "photographs: freeze the first `N` backbone stages (1 = stem, 5 = all)", number},
	{"bottleneck", "network.bottleneck", "photographs: width of the layer between backbone and classifier (default 256)", number},
	{"plain-bottleneck", "network.plain_bottleneck", "photographs: no norm and no ReLU in the bottleneck", truth},
	{"resize", "photos.resize", "photographs: height and width in pixels before cropping (default 256)", number},
	{"crop", "photos.crop", "photographs: side in pixels of the square that the network reads (default 224)", number},
	{"test-crops", "photos.test_crops", "photographs: crops per photograph in tests, 1 or 10 (default 1)", number},
	{"steps", "steps", "training steps (default: the recipe's)", number},
	{"batch-size", "batch_size", "images of each domain per step (default: the recipe's)", number},
	{"eval-every", "eval_every", "steps between evaluations (default: the recipe's)", number},
	{"train-limit", "train_limit", "digits: use the first `N` training images of each domain, 0 for all (default: the recipe's)", number},
	{"lr", "optimizer.learning_rate", "learning rate (default: the recipe's)", real},
	{"random-dim", "objective_options.random_dim", "CDAN: width of the randomized map, 0 for the outer product", number},
	{"distance", "norm_options.distance", "RN: how to compare channel statistics, `NAME` one of l2, l1, dot, cosine (default \"l2\")", text},
	{"group-size", "norm_options.group_size", "RN: adjacent channels to compare as one, 0 for the paper's choice", number},
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

// falsehood adds a flag that switches its field off.
func falsehood(flags *pflag.FlagSet, name, usage string) func() any {
	v := flags.Bool(name, false, usage)
	return func() any { return !*v }
}

// fieldEdits are the field flags of a command and its --set.
type fieldEdits struct {
	flags  *pflag.FlagSet
	values map[string]func() any // by flag
	set    *[]string
}

// addFieldFlags adds the named field flags, or all of them if none is named, and
// --set.
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
	e.set = e.flags.StringArray("set", nil, "set any field of the configuration, `FIELD=VALUE` such as norm_options.momentum=0.2; names as in results.jsonl; repeatable")
	return e
}

// apply sets the fields whose flags were given. Its errors are usage errors.
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

// addFieldFlag adds one field flag to a command without a configuration and returns a
// function that reads its value.
func addFieldFlag(cmd *cobra.Command, name string) func() any {
	f, err := registry.Find("flag", name, fieldFlags, func(f fieldFlag) string { return f.name })
	if err != nil {
		panic(err)
	}
	return f.kind(cmd.Flags(), f.name, f.usage)
}
