package main

import (
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/sgd"
)

// parse reads arguments as rn train does.
func parse(t *testing.T, args []string) (config.Config, error) {
	t.Helper()
	f := addConfigFlags(newSetup())
	if err := f.flags.Parse(args); err != nil {
		return config.Config{}, err
	}
	return f.config()
}

// requireRoundTrip reads the arguments of a configuration back.
func requireRoundTrip(t *testing.T, what string, c config.Config) {
	t.Helper()
	args, err := configArgs(c)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	got, err := parse(t, args)
	if err != nil {
		t.Errorf("%s: %v: %v", what, args, err)
		return
	}
	if got.ID() != c.ID() {
		t.Errorf("%s: %v make\n%+v, want\n%+v", what, args, got, c)
	}
}

// TestArgsOfEveryField changes one field of the recipe at a time: the arguments of each
// configuration must make the same configuration again.
func TestArgsOfEveryField(t *testing.T) {
	other := map[string]any{ // values of fields for which not every value is valid
		"Recipe": nil, "Source": nil, "Target": nil, // tasks, below
		"Norm": "dsbn", "Activations": "bfloat16", "NormAt": []string{"conv2"}, "Objective": "dann", "Evaluation": nil, "Share": "mean", "Distance": "cosine",
		"Backbone": "resnet18", "Weights": "it's a file", "Features": nil, "Freeze": 2, "TestCrops": 10, "Crop": 200,
		"Epsilon": 1e-7, "Momentum": 0.25, "GateMin": 0.125, "OwnShare": 0.75, "TransferWeight": 2.5, "EntropyWeight": 0.5, "Dropout": 0.25,
		"Rules": []sgd.Rule{{Prefix: "/model/head", Name: "mean_gate", LearningRate: 10}}, "Seed": int64(1)<<60 + 1,
	}
	for _, task := range []config.Task{{Recipe: "digits"}, {Recipe: "office-31", Source: "amazon", Target: "dslr"}} {
		base, err := task.Default()
		if err != nil {
			t.Fatal(err)
		}
		requireRoundTrip(t, task.Recipe, base)
		edited := 0
		for _, index := range leafFields(reflect.TypeOf(base), nil) {
			c := base
			field := reflect.ValueOf(&c).Elem().FieldByIndex(index)
			name := reflect.TypeOf(base).FieldByIndex(index).Name
			value, special := other[name]
			switch {
			case special && value == nil:
				continue
			case special && field.Kind() == reflect.String:
				field.SetString(value.(string))
			case special:
				field.Set(reflect.ValueOf(value).Convert(field.Type()))
			case field.Kind() == reflect.Bool:
				field.SetBool(!field.Bool())
			case field.Kind() == reflect.Int:
				field.SetInt(2*field.Int() + 8)
			case field.Kind() == reflect.Float64:
				field.SetFloat(field.Float()/2 + 1e-3)
			default:
				t.Fatalf("the test has no other value for field %s of kind %s", name, field.Kind())
			}
			if name == "NormAt" && c.Network.Backbone != "" {
				c.NormAt = []string{"layer4", "bottleneck"}
			}
			if c.Validate() != nil { // the field belongs to the other recipe
				continue
			}
			edited++
			requireRoundTrip(t, task.Recipe+" "+name, c)
		}
		if edited < 25 {
			t.Errorf("%s: %d fields were edited: too few are valid", task.Recipe, edited)
		}
	}
}

// leafFields lists the indices of fields that are not structs.
func leafFields(of reflect.Type, prefix []int) (all [][]int) {
	for i := range of.NumField() {
		index := append(append([]int(nil), prefix...), i)
		if f := of.Field(i).Type; f.Kind() == reflect.Struct {
			all = append(all, leafFields(f, index)...)
		} else {
			all = append(all, index)
		}
	}
	return all
}

// TestArgsOfRecorded does the same for every recorded run.
func TestArgsOfRecorded(t *testing.T) {
	for _, name := range []string{"digits", "digits-bfloat16", "office-caltech10", "office-caltech10-finetuned"} {
		results, err := record.Read("../../experiments/results/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			requireRoundTrip(t, name+" "+r.ID, r.Config)
		}
	}
	c, err := config.Task{Recipe: "office-caltech10", Features: config.FeaturesFinetuned}.Default()
	if err != nil {
		t.Fatal(err)
	}
	requireRoundTrip(t, "features", c)
	c.Recipe = "nope"
	if _, err := configArgs(c); err == nil {
		t.Error("an unknown recipe has arguments")
	}
}

// TestTrainCommand checks that a shell reads the quoted arguments unchanged.
func TestTrainCommand(t *testing.T) {
	c, err := config.Task{Recipe: "custom", Source: "a b", Target: "it's $HOME"}.Default()
	if err != nil {
		t.Fatal(err)
	}
	line, err := trainCommand(c, environment.Images{})
	if err != nil {
		t.Fatal(err)
	}
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs a shell")
	}
	printed, err := exec.Command(shell, "-c", strings.Replace(line, "rn train", `printf '%s\n'`, 1)).Output()
	if err != nil {
		t.Fatal(err)
	}
	args, err := configArgs(c)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Join(args, "\n") + "\n--root\nDIR\n"; string(printed) != want {
		t.Errorf("%s is read as\n%s, want\n%s", line, printed, want)
	}
}

// TestSet sets fields that have no flag, and checks the errors of bad edits.
func TestSet(t *testing.T) {
	c, err := parse(t, strings.Fields("--set norm_options.momentum=0.25 --set norm_options.share=mean --set steps=800"))
	if err != nil || c.NormOptions.Momentum != 0.25 || c.NormOptions.Share != "mean" || c.Steps != 800 {
		t.Errorf("%+v, %v", c, err)
	}
	for edit, want := range map[string]string{"speed=1": "speed", "steps": "FIELD=VALUE", "steps=many": "steps", "steps=-1": "steps is -1"} {
		if _, err := parse(t, []string{"--set", edit}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("--set %s: error %v, want %q", edit, err, want)
		}
	}
}
