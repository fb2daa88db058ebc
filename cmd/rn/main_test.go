package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/score"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// call runs the command and returns its exit code and what it printed.
func call(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(context.Background(), args, &out, &err)
	return code, out.String(), err.String()
}

// TestWrongUse checks the exit code 2, the line on stderr, and that stdout is empty.
func TestWrongUse(t *testing.T) {
	for _, c := range []struct {
		args string
		want string
	}{
		{"nope", `unknown command "nope": rn --help lists the commands`},
		{"trian", `unknown command "trian": did you mean rn train?`},
		{"weights got", `unknown command "got": did you mean rn weights get?`},
		{"predict --help", `unknown command "predict"`},
		{"data nope --help", `unknown command "nope": rn data --help lists`},
		{"--no-xla-cache predict -h", `unknown command "predict"`},
		{"help foo", `unknown command "foo"`},
		{"help weights foo", `unknown command "foo": rn weights --help lists`},
		{"train --norm rnn", `unknown norm "rnn": did you mean rn? want one of`},
		{"train --objective cdan+e", "did you mean cdan-e?"},
		{"train --recipe ofice-home", "did you mean office-home?"},
		{"train --source mnits", "did you mean mnist?"},
		{"plot curvs", "did you mean curves?"},
		{"list norm", "did you mean norms?"},
		{"version extra", `"extra"`},
		{"train --norm bn --gate-min 0.2", "norm_options.gate_min=0.2 has no effect: norm bn does not read it, only autodial, rn"},
		{"train --own-share 0.2", "has no effect: RN's gates are learned; a fixed share needs --no-aggregation"},
		{"train --no-compensation --distance l1", "without compensation"},
		{"train --no-aggregation --set norm_options.gate_min=0.1", "without aggregation RN has no gates"},
		{"train --objective source-only --random-dim 64", "objective source-only does not read it, only cdan, cdan-e"},
		{"train --objective entropy --set ramp_iterations=9", "no gradient reversal"},
		{"lower --norm dsbn --no-compensation --file x", "only rn"},
		{"compare --recipe digits --norms bn,dsbn --set norm_options.gate_min=0.2", "has no effect"},
		{"ablate momentum --norm bn --gate-min 0.2", "has no effect"},
		{"train --norm nope", "want one of bn, adabn, ds, dsbn, autodial, transnorm, dwt, rn"},
		{"train --objective nope", "source-only"},
		{"train --recipe nope", "digits"},
		{"train --source mnist --target mnist", "source and target are both"},
		{"train --activations half", `unknown activations "half": want one of float32, bfloat16`},
		{"train --set activations=half", `unknown activations "half"`},
		{"compare --activations half", `unknown activations "half"`},
		{"demo --activations half", `unknown activations "half"`},
		{"ablate norms --activations half", `unknown activations "half"`},
		{"lower --activations half --file x", `unknown activations "half"`},
		{"train --steps -1", "steps is -1"},
		{"train --steps many", "many"},
		{"train --keep 0", "--keep 0"},
		{"train --out=", "want a folder"},
		{"ablate table --out=", "want a folder"},
		{"bench growth --out=", "want a folder"},
		{"compare --tasks mnist", "SOURCE:TARGET"},
		{"compare --choice nope", "last, infomax"},
		{"compare --recipe digits --tasks mnist:svhn", `"svhn"`},
		{"export --run 1", "--file"},
		{"export --run 1 --file network.pth", "network.pth: want a name that ends in .safetensors"},
		{"eval --run 1 --statistics 2", "0 is the source, 1 the target"},
		{"eval --run 1 --statistics=-1", "0 is the source, 1 the target"},
		{"train --group-size 3", "group size is 3: the 16 channels of conv1 are not a multiple"},
		{"train --recipe office-31 --set network.bottleneck=1025", "group size is 2: the 1025 channels of bottleneck are not a multiple"},
		{"report", "--file is missing"},
		{"report --file report.html --networks -1", "--networks -1"},
		{"plot", "plot needs one argument, a kind of figure: one of curves"},
		{"plot nope", "want one of curves"},
		{"plot bars", "--file is missing"},
		{"plot bars --file bars.pdf", ".svg or .png"},
		{"plot bars --json --theme grey", "light, dark"},
		{"plot alignment --json --from 1", "--from 1 --to 1"},
		{"plot alignment --json --run 1,2", "shows one run"},
		{"train --distance l9", `"l9"`},
		{"train --flag-that-is-not", "flag-that-is-not"},
		{"train extra", `"extra"`},
		{"train --devices 3", "batch size 64"},
		{"train --devices -1", "-1 devices"},
		{"demo --devices 3", "batch size 64"},
		{"compare --recipe digits --devices 3", "batch size 64"},
		{"ablate components --devices 3", "batch size 64"},
		{"lower --devices 3 --file x", "batch size 64"},
		{"verify --only (", "--only"},
		{"verify --only nothing-has-this-name", "matches no case"},
		{"list nope", `unknown kind "nope": want one of norms, objectives`},
		{"list norms figures", "list needs at most one argument"},
		{"weights get", "weights get needs one argument, a backbone, or one of "},
		{"weights check", "weights check needs one argument, a file"},
		{"eval", "--run is missing"},
		{"eval --statistics nope", "batch, recalibrated, source, target, all"},
		{"demo --seeds 0", "--seeds 0"},
		{"setup --plugin tpu", "want cpu or cuda"},
		{"lower", "--file is missing"},
		{"lower --norm nope --file x", "want one of bn"},
	} {
		code, stdout, stderr := call(strings.Fields(c.args)...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("rn %s: exit code %d, stdout %q, stderr %q, want code 2 and %q", c.args, code, stdout, stderr, c.want)
		}
		if strings.Contains(stderr, "goroutine") || strings.Contains(stderr, ".go:") {
			t.Errorf("rn %s prints a stack trace: %s", c.args, stderr)
		}
	}
}

// TestFailures checks the exit code 1 and the reason.
func TestFailures(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"compare", "--recipe", "digits", "--tasks", "mnist:uci", "--out", file}, "output folder"},
		{[]string{"eval", "--run", "feedfacecafe", "--out", t.TempDir()}, "no run"},
		{[]string{"verify", "--backend", "tpu"}, "unknown backend"},
	} {
		code, _, stderr := call(c.args...)
		if code != exitFailed || !strings.Contains(stderr, c.want) {
			t.Errorf("rn %v: exit code %d, stderr %q, want code 1 and %q", c.args, code, stderr, c.want)
		}
	}
}

// TestNoXLACache: the flag switches XLA's cache off for one call of the command, and leaves the environment alone.
func TestNoXLACache(t *testing.T) {
	t.Setenv(platform.XLACacheEnv, "")
	_, stdout, _ := call("doctor", "--backend", "xla:cpu", "--json", "--no-xla-cache")
	if !strings.Contains(stdout, `"XLA cache"`) {
		t.Skip("needs XLA")
	}
	if !strings.Contains(stdout, `"XLA cache","ok":false,"required":false,"detail":"off"`) {
		t.Errorf("doctor says %s", stdout)
	}
	if setting := os.Getenv(platform.XLACacheEnv); setting != "" {
		t.Errorf("the command sets $%s to %q", platform.XLACacheEnv, setting)
	}
	if code, stdout, stderr := call("list"); code != 0 {
		t.Fatalf("%s%s", stdout, stderr)
	}
	if cache, err := platform.XLACache(); err != nil || cache == nil {
		t.Errorf("after a call without the flag the cache is off: %v", err)
	}
}

// TestHelpOf: rn help shows what --help shows.
func TestHelpOf(t *testing.T) {
	for _, c := range []string{"", "train", "weights get", "data"} {
		code, got, stderr := call(append([]string{"help"}, strings.Fields(c)...)...)
		_, want, _ := call(append(strings.Fields(c), "--help")...)
		if code != 0 || got != want || got == "" {
			t.Errorf("rn help %s: exit code %d, %q, %s, want %q", c, code, got, stderr, want)
		}
	}
}

// TestVersion: rn version prints what --version prints, and JSON.
func TestVersion(t *testing.T) {
	_, want, _ := call("--version")
	if code, got, stderr := call("version"); code != 0 || got != want || !strings.Contains(got, record.CodeVersion()) {
		t.Errorf("exit code %d, %q, %s, want %q", code, got, stderr, want)
	}
	code, line, stderr := call("version", "--json")
	var got map[string]string
	if err := json.Unmarshal([]byte(line), &got); code != 0 || err != nil || got["version"] != record.CodeVersion() || got["gomlx"] == "" || got["go"] == "" {
		t.Errorf("exit code %d, %q, %s, %v", code, line, stderr, err)
	}
}

// TestList checks that every registry is listed, as text and as JSON.
func TestList(t *testing.T) {
	_, text, _ := call("list")
	_, lines, _ := call("list", "--json")
	for _, name := range []string{rnlayer.All()[0].Name, objective.All()[0].Name, config.Recipes()[0].Name, "mnist"} {
		if !strings.Contains(text, " "+name+" ") || !strings.Contains(lines, `"`+name+`"`) {
			t.Errorf("%q is not listed", name)
		}
	}
	for line := range strings.Lines(lines) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

// TestAccuraciesText: equal accuracies are said once.
func TestAccuraciesText(t *testing.T) {
	at := func(accuracy, infomax float64) record.Point {
		return record.Point{Target: score.Evaluation{Accuracy: accuracy, InfoMax: infomax, Entropy: 1, SND: 1}}
	}
	for want, points := range map[string][]record.Point{
		"62.6 % at every choice of the checkpoint":                                         {at(0.6261, 1), at(0.6262, 2)},
		"50.0 % (last), 60.0 % (infomax), 60.0 % (entropy), 60.0 % (snd), 60.0 % (oracle)": {at(0.6, 2), at(0.5, 1)},
	} {
		if got := accuraciesText(points); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestTrainFlags checks that flags change their fields of the recipe and no others.
func TestTrainFlags(t *testing.T) {
	flags := addConfigFlags(newSetup())
	if err := flags.flags.Parse(strings.Fields("--source usps --target mnist --norm dsbn --steps 7 --seed 3 --no-compensation --gate-min 0.25 --activations bfloat16")); err != nil {
		t.Fatal(err)
	}
	got, err := flags.config()
	if err != nil {
		t.Fatal(err)
	}
	want, err := config.Default("digits")
	if err != nil {
		t.Fatal(err)
	}
	want.Source, want.Target, want.Norm, want.Steps, want.Seed = "usps", "mnist", "dsbn", 7, 3
	want.NormOptions.Compensate, want.NormOptions.GateMin, want.Activations = false, 0.25, backbone.BFloat16
	if got.ID() != want.ID() {
		t.Errorf("configuration %+v, want %+v", got, want)
	}
}
