package golden_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

// maxSize is the size of the largest golden file, as the documentation of Expand
// says.
const maxSize = 8 << 20

func TestParseSamples(t *testing.T) {
	for name, sample := range samples() {
		file, err := golden.Parse(marshal(t, sample))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if kind, _, _ := strings.Cut(name, " "); string(file.Kind) != kind {
			t.Errorf("%s: got kind %q", name, file.Kind)
		}
	}
}

func TestParseKeepsValues(t *testing.T) {
	layer, err := golden.Parse(marshal(t, sampleLayer()))
	if err != nil {
		t.Fatal(err)
	}
	if got := layer.Layer.DistanceName(); got != "dot" {
		t.Errorf("DistanceName of cosine: got %q, expected dot", got)
	}
	if got := layer.Layer.Steps[0].GradVarianceGateTarget; !slices.Equal(got.Data, []float64{0, 0.25, 0.5, 0.75}) {
		t.Errorf("grad_var_gate_target: got %v", got)
	}
	resnet, err := golden.Parse(marshal(t, sampleResNet()))
	if err != nil {
		t.Fatal(err)
	}
	if got := resnet.ResNet.Photos[0].Top3[1]; got != (golden.ClassScore{Class: 899, Score: 0.25}) {
		t.Errorf("photos[0]: got second %v", got)
	}
	trajectory, err := golden.Parse(marshal(t, sampleTrajectory()))
	if err != nil {
		t.Fatal(err)
	}
	if got := trajectory.Trajectory.Optimizer; got.LRMult["norm2"] != 10 || !got.Nesterov || got.DecayMult != 2 {
		t.Errorf("optimizer: got %+v", got)
	}
	norm, err := golden.Parse(marshal(t, sampleNorm()))
	if err != nil {
		t.Fatal(err)
	}
	if got := norm.Norm.Rows(); got != 6 {
		t.Errorf("norm: got %d rows, expected 6", got)
	}
	autodial, err := golden.Parse(marshal(t, sampleAutoDIAL()))
	if err != nil {
		t.Fatal(err)
	}
	if got := autodial.Norm.Init["alpha"]; len(got.Shape) != 0 || !slices.Equal(got.Data, []float64{0.75}) {
		t.Errorf("alpha: got %v", got)
	}
	objective, err := golden.Parse(marshal(t, sampleObjective()))
	if err != nil {
		t.Fatal(err)
	}
	total, schedule := objective.Objective.Cases["total"], objective.Objective.Cases["schedule"]
	if loss, err := total.Number("loss"); loss != 1.5 || err != nil || total.Of != "total" || !total.Flags["linear"] || total.Terms["transfer"] != 0.5 {
		t.Errorf("total: got %+v", total)
	}
	if labels, err := total.Array("source_labels"); err != nil || !slices.Equal(labels.Data, []float64{3, 0, 1}) {
		t.Errorf("labels: got %v, %v", labels, err)
	}
	if !slices.Equal(schedule.Series["target"], []float64{0.25, 0.75}) {
		t.Errorf("schedule: got %+v", schedule)
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct {
		sample string
		edit   func(object)
		want   string
	}{
		{"layer", func(o object) { o["kind"] = "movie" }, `kind: unknown kind "movie": want one of layer, trajectory`},
		{"layer", func(o object) { delete(o, "kind") }, "not a golden file"},
		{"layer", func(o object) { o["kind"] = 3 }, "kind"},
		{"layer", func(o object) { delete(o, "channels") }, "channels: the key is missing"},
		{"layer", func(o object) { o["channels"] = nil }, "channels: null"},
		{"layer", func(o object) { o["channels"] = -4 }, "channels: got -4"},
		{"layer", func(o object) { o["channels"] = "four" }, "channels: json: cannot unmarshal string"},
		{"layer", func(o object) { o["channels"] = 6 }, "init.mean_gate_source.shape: got [4], expected [6]"},
		{"layer", func(o object) { o["group"] = 3 }, "group: got 3, expected a divisor of the 4 channels"},
		{"layer", func(o object) { o["group"] = 0 }, "group: got 0"},
		{"layer", func(o object) { o["distance"] = "l3" }, `distance: got "l3"`},
		{"layer", func(o object) { o["layout"] = "NHWC" }, `layout: got "NHWC"`},
		{"layer", func(o object) { o["layout"] = "NC" }, "steps[0].x.shape: got [4 4 3 1], expected layout NC"},
		{"layer", func(o object) { o["epsilon"] = 0 }, "epsilon: got 0"},
		{"layer", func(o object) { o["momentum"] = 1.5 }, "momentum: got 1.5"},
		{"layer", func(o object) { o["per_domain_batch"] = 3 }, "steps[0].x.shape: got [4 4 3 1], expected 2·per_domain_batch"},
		{"layer", func(o object) { o["steps"] = []any{} }, "steps: the list is empty"},
		{"layer", func(o object) { o["steps"] = object{} }, "steps: got {, expected a list"},
		{"layer", func(o object) { o["init"] = nil }, "init: got null, expected an object"},
		{"layer", func(o object) { delete(at(o, "init"), "beta") }, "init.beta: the key is missing"},
		{"layer", func(o object) { at(o, "steps", 0)["grad_x"] = filled(4, 4, 1, 3) }, "steps[0].grad_x.shape: got [4 4 1 3], expected [4 4 3 1]"},
		{"layer", func(o object) { at(o, "steps", 0)["running_var_target"] = filled(4, 1) }, "steps[0].running_var_target.shape"},
		{"layer", func(o object) { delete(at(o, "steps", 0), "grad_gamma") }, "steps[0].grad_gamma: the key is missing"},
		{"layer", func(o object) { at(o, "steps", 0, "x")["shape"] = []int{4, 4, 3, 2} }, "steps[0].x: shape [4 4 3 2] needs 96 values, data has 48"},
		{"layer", func(o object) { at(o, "steps", 0, "x")["shape"] = []int{4, -4, -3, 1} }, "steps[0].x: shape [4 -4 -3 1]: dimension 1 is negative"},
		{"layer", func(o object) { at(o, "steps", 0, "x")["shape"] = []int{math.MaxInt, 4, 3, 1} }, "does not fit in an int"},
		{"layer", func(o object) { at(o, "steps", 0, "x")["data"] = []any{nil, 1} }, "steps[0].x.data: null"},
		{"layer", func(o object) { at(o, "eval")["x"] = filled(5, 3, 1, 2) }, "eval.x.shape: got [5 3 1 2], expected 4 channels"},
		{"layer", func(o object) { at(o, "eval")["y"] = filled(4, 4, 1, 2) }, "eval.y.shape"},
		{"layer", func(o object) { at(o, "eval")["x"] = filled(0, 4, 1, 2) }, "eval.x.shape: got [0 4 1 2], expected no empty axis"},

		{"losses", func(o object) { delete(o, "cdan") }, "cdan: the key is missing"},
		{"losses", func(o object) { at(o, "cdan")["features"] = filled(3, 3) }, "cdan.features.shape: got [3 3], expected an even"},
		{"losses", func(o object) { at(o, "cdan_e")["logits"] = filled(2, 2) }, "cdan_e.logits.shape"},
		{"losses", func(o object) { at(o, "cdan_e")["disc_w"] = filled(5, 1) }, "cdan_e.disc_w.shape: got [5 1], expected [6 1]"},
		{"losses", func(o object) { at(o, "cdan")["grad_disc_b"] = filled(2) }, "cdan.grad_disc_b.shape"},
		{"losses", func(o object) { at(o, "target_entropy")["grad_logits"] = filled(2, 3) }, "target_entropy.grad_logits.shape"},
		{"losses", func(o object) { at(o, "grl_coefficient", 0)["iteration"] = -1 }, "grl_coefficient[0].iteration: got -1"},
		{"losses", func(o object) { delete(at(o, "inverse_decay_lr", 0), "base") }, "inverse_decay_lr[0].base: the key is missing"},

		{"trajectory", func(o object) { o["method"] = "dann" }, `method: got "dann"`},
		{"trajectory", func(o object) { o["batch_per_domain"] = 3 }, "steps[0].x.shape: got [4 3], expected [6 3]"},
		{"trajectory", func(o object) { o["batch_per_domain"] = math.MaxInt }, "batch_per_domain"},
		{"trajectory", func(o object) { at(o, "optimizer")["gate_clamp"] = []float64{1, 0.5} }, "optimizer.gate_clamp: got [1 0.5]"},
		{"trajectory", func(o object) { at(o, "optimizer")["kind"] = "adam" }, `optimizer.kind: got "adam"`},
		{"trajectory", func(o object) { delete(at(o, "optimizer", "lr_mult"), "disc2") }, "optimizer.lr_mult.disc2: the key is missing"},
		{"trajectory", func(o object) { at(o, "optimizer", "lr_mult")["disc4"] = 1 }, "optimizer.lr_mult.disc4: unknown name"},
		{"trajectory", func(o object) { delete(at(o, "init"), "norm2") }, "init.norm2: the key is missing"},
		{"trajectory", func(o object) { delete(at(o, "final", "norm1"), "gamma") }, "final.norm1.gamma: the key is missing"},
		{"trajectory", func(o object) { at(o, "init", "disc1")["weight_in_out"] = filled(7, 5) }, "init.disc1.weight_in_out.shape: got [7 5], expected 6 inputs"},
		{"trajectory", func(o object) { at(o, "init", "linear1")["bias"] = filled(5) }, "init.linear1.bias.shape: got [5], expected [4]"},
		{"trajectory", func(o object) { at(o, "init", "norm2")["beta"] = filled(3) }, "init.norm2.beta.shape: got [3], expected [2]"},
		{"trajectory", func(o object) { at(o, "final", "linear1")["weight_in_out"] = filled(5, 4) }, "final.linear1.weight_in_out.shape: got [5 4], expected [3 4]"},
		{"trajectory", func(o object) { at(o, "steps", 0)["labels_source"] = []int{0, 3} }, "steps[0].labels_source[1]: got 3, expected 0 to 2"},
		{"trajectory", func(o object) { at(o, "steps", 0)["labels_source"] = []int{0} }, "steps[0].labels_source: got 1 labels"},
		{"trajectory", func(o object) { at(o, "eval")["logits"] = filled(5, 4) }, "eval.logits.shape: got [5 4], expected [5 3]"},

		{"resnet", func(o object) { o["features_pool5"] = []float64{1} }, "features_pool5: got 1 values, expected 2048"},
		{"resnet", func(o object) { o["logits_top"] = []any{[]any{1000, 2.5}} }, "logits_top[0]: class 1000"},
		{"resnet", func(o object) { o["logits_top"] = []any{[]any{1, 2.5}, []any{2, 3.5}} }, "logits_top[1]: score 3.5 is above"},
		{"resnet", func(o object) { o["logits_top"] = []any{[]any{1, 2.5}, []any{1, 1.5}} }, "logits_top[1]: class 1 appears twice"},
		{"resnet", func(o object) { o["logits_top"] = []any{[]any{1, 2.5, 3}} }, "logits_top[0]: got [1,2.5,3], expected a pair"},
		{"resnet", func(o object) { o["logits_top"] = []any{7} }, "logits_top[0]: got 7, expected a pair"},
		{"resnet", func(o object) { o["logits_top"] = []any{[]any{1.5, 2.5}} }, "logits_top[0]: class"},
		{"resnet", func(o object) { at(o, "photos", 0)["path"] = "../mug.jpg" }, `photos[0].path: got "../mug.jpg"`},
		{"resnet", func(o object) { delete(o, "stride") }, "stride: the key is missing"},

		{"norm", func(o object) { o["norm"] = "bn" }, `norm: unknown norm "bn": did you mean dsbn? want one of transnorm, dwt, dsbn, domain_bn, autodial`},
		{"norm", func(o object) { delete(o, "note") }, "note: the key is missing"},
		{"norm", func(o object) { delete(at(o, "reference"), "licence") }, "reference.licence: the key is missing"},
		{"norm", func(o object) { at(o, "reference")["commit"] = "" }, "reference.commit: the text is empty"},
		{"norm", func(o object) { o["domains"] = []string{"a"} }, "domains: got 1 names, expected 2 to 100"},
		{"norm", func(o object) { o["domains"] = []string{"a", "b", "a"} }, `domains[2]: the name "a" is repeated`},
		{"norm", func(o object) { o["domains"] = []string{"a", "c", "target"} }, "init.gamma_c: the key is missing"},
		{"norm", func(o object) { o["domain_rows"] = []int{2, 4} }, "domain_rows: got 2 numbers for 3 domains"},
		{"norm", func(o object) { o["domain_rows"] = []int{2, 0, 4} }, "domain_rows[1]: got 0"},
		{"norm", func(o object) { o["domain_rows"] = []int{2, 2, 3} }, "steps[0].x.shape: got [6 4 2], expected the 7 rows"},
		{"norm", func(o object) { delete(o, "momentum") }, "momentum: got 0"},
		{"norm", func(o object) { o["layout"] = "NC" }, "steps[0].x.shape: got [6 4 2], expected layout NC"},
		{"norm", func(o object) { o["steps"] = []any{3} }, "steps[0]: got 3, expected an object"},
		{"norm", func(o object) { delete(at(o, "steps", 0), "x") }, "steps[0].x: the key is missing"},
		{"norm", func(o object) { delete(at(o, "steps", 0), "grad_beta_b") }, "steps[0].grad_beta_b: the key is missing"},
		{"norm", func(o object) { at(o, "steps", 0)["grad_beta_d"] = filled(4) }, "steps[0].grad_beta_d: unknown name"},
		{"norm", func(o object) { at(o, "steps", 0)["running_var_a"] = 2 }, "steps[0].running_var_a.shape: got [], expected [4]"},
		{"norm", func(o object) { at(o, "steps", 0)["y"] = filled(6, 2, 4) }, "steps[0].y.shape: got [6 2 4], expected [6 4 2]"},
		{"norm", func(o object) { at(o, "init")["gamma_a"] = "text" }, `init.gamma_a: got "text", expected an array`},
		{"norm", func(o object) { at(o, "init")["gamma_a"] = nil }, "init.gamma_a: got null, expected an array"},
		{"norm", func(o object) { at(o, "eval")["x"] = filled(5, 3, 2) }, "eval.x.shape: got [5 3 2], expected 4 channels"},
		{"norm dwt", func(o object) { delete(o, "group") }, "group: got 0, expected a divisor of the 4 channels"},
		{"norm dwt", func(o object) { o["group"] = 4 }, "init.running_cov_source.shape: got [2 2 2], expected [1 4 4]"},
		{"norm autodial", func(o object) { delete(o, "moving_average_fraction") }, "moving_average_fraction: got 0"},
		{"norm autodial", func(o object) { at(o, "init")["alpha"] = filled(1) }, "init.alpha.shape: got [1], expected []"},
		{"norm autodial", func(o object) { delete(at(o, "steps", 0), "running_weight") }, "steps[0].running_weight: the key is missing"},

		{"objective", func(o object) { delete(o, "references") }, "references: the key is missing"},
		{"objective", func(o object) { o["cases"] = object{} }, "cases: the list is empty"},
		{"objective", func(o object) { at(o, "cases")["total"] = 3 }, "cases.total: got 3, expected an object"},
		{"objective", func(o object) { delete(at(o, "cases", "total"), "formula") }, "cases.total.formula: the key is missing"},
		{"objective", func(o object) { at(o, "cases", "total")["reference"] = "others" }, `cases.total.reference: "others" is not a key of references`},
		{"objective", func(o object) { delete(at(o, "cases", "total"), "loss") }, "cases.total.loss: a case has a loss and gradients, or neither"},
		{"objective", func(o object) { at(o, "cases", "total")["loss"] = filled(2) }, "cases.total.loss.shape: got [2]"},
		{"objective", func(o object) { at(o, "cases", "total")["loss"] = nil }, "cases.total.loss: got null"},
		{"objective", func(o object) { at(o, "cases", "total")["grad_disc_w"] = filled(2) }, "cases.total.disc_w: the key is missing"},
		{"objective", func(o object) { at(o, "cases", "total")["grad_source_features"] = filled(2, 3) }, "cases.total.grad_source_features.shape: got [2 3], expected [3 2]"},
		{"objective", func(o object) { at(o, "cases", "total")["source_logits"] = filled(2, 4) }, "cases.total.source_logits.shape: got [2 4], expected the 3 rows of source_features"},
		{"objective", func(o object) { at(o, "cases", "total")["source_labels"] = []int{0, 4, 1} }, "cases.total.source_labels[1]: got 4, expected a class below 4"},
		{"objective", func(o object) { at(o, "cases", "total")["source_labels"] = []any{0, nil, 1} }, "cases.total.source_labels: null"},
		{"objective", func(o object) { at(o, "cases", "total")["source_weights"] = filled(3, 1) }, "cases.total.source_weights.shape: got [3 1], expected 1 axes"},
		{"objective", func(o object) { at(o, "cases", "total")["note"] = "text" }, `cases.total.note: got "text"`},
		{"objective", func(o object) { at(o, "cases", "total")["terms"] = object{"task": nil} }, "cases.total.terms: task: null"},
		{"objective", func(o object) { at(o, "cases", "total")["disc_w"] = object{"a": 1} }, "cases.total.disc_w: shape: the key is missing"},
		{"objective", func(o object) { at(o, "cases", "schedule")["iterations"] = []int{0, -1} }, "cases.schedule.iterations[1]: got -1"},
		{"objective", func(o object) { at(o, "cases", "schedule")["iterations"] = []int{0} }, "cases.schedule.values.source: got 2 numbers for 1 iterations"},
		{"objective", func(o object) { at(o, "cases", "schedule")["values"] = []float64{1} }, "cases.schedule.values: got 1 numbers for 2 iterations"},

		{"partial_trajectory", func(o object) { o["method"] = "pada" }, `method: unknown method "pada": want one of etn, ba3us`},
		{"partial_trajectory", func(o object) { o["shared_classes"] = 4 }, "shared_classes: got 4, expected 1 to 3"},
		{"partial_trajectory", func(o object) { at(o, "dimensions")["hidden"] = 0 }, "dimensions.hidden: got 0"},
		{"partial_trajectory", func(o object) { delete(o, "loss_weights") }, "loss_weights.ce: the key is missing"},
		{"partial_trajectory", func(o object) { at(o, "init")["disc1"] = object{"weight_in_out": filled(4, 3), "bias": filled(3)} }, "init.disc1.weight_in_out.shape: got [4 3], expected [4 2]"},
		{"partial_trajectory", func(o object) { delete(at(o, "final"), "aux2") }, "aux2: the key is missing"},
		{"partial_trajectory", func(o object) { delete(at(o, "optimizer", "lr_mult"), "aux2") }, "optimizer.lr_mult.aux2: the key is missing"},
		{"partial_trajectory", func(o object) { at(o, "optimizer")["decay_mult"] = -1 }, "optimizer.decay_mult: expected 0 or more"},
		{"partial_trajectory", func(o object) { delete(at(o, "steps", 0), "grl_coeff_target") }, "steps[0].grl_coeff_target: the key is missing"},
		{"partial_trajectory", func(o object) { delete(at(o, "steps", 0), "weights") }, "steps[0].weights: the key is missing"},
		{"partial_trajectory", func(o object) { at(o, "steps", 0)["weights"] = filled(4) }, "steps[0].weights.shape: got [4], expected [2]"},
		{"partial_trajectory", func(o object) { at(o, "steps", 0)["labels_source"] = []int{3, 0} }, "steps[0].labels_source[0]: got 3, expected 0 to 2"},
		{"partial_trajectory", func(o object) { at(o, "steps", 0)["x_target"] = filled(4, 2) }, "steps[0].x_target.shape: got [4 2], expected 3 inputs"},
		{"partial_trajectory", func(o object) { delete(at(o, "steps", 0, "terms"), "entropy") }, "steps[0].terms.entropy: the key is missing"},
		{"partial_trajectory", func(o object) { at(o, "eval")["logits"] = filled(5, 2) }, "eval.logits.shape: got [5 2], expected [5 3]"},
		{"partial_trajectory ba3us", func(o object) { delete(o, "target_test") }, "target_test: the key is missing"},
		{"partial_trajectory ba3us", func(o object) { o["max_iterations"] = 4 }, "max_iterations: got 4, expected at least the interval, 5"},
		{"partial_trajectory ba3us", func(o object) { delete(at(o, "steps", 0), "x_middle") }, "steps[0].labels_middle: got 1 labels without x_middle"},
		{"partial_trajectory ba3us", func(o object) { at(o, "steps", 0)["labels_middle"] = []int{3} }, "steps[0].labels_middle[0]: got 3"},
		{"partial_trajectory ba3us", func(o object) { at(o, "steps", 0)["class_weight"] = filled(2) }, "steps[0].class_weight.shape: got [2], expected [3]"},
	}
	for _, test := range tests {
		t.Run(test.sample+"/"+test.want, func(t *testing.T) {
			sample := samples()[test.sample]
			test.edit(sample)
			_, err := golden.Parse(marshal(t, sample))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, expected one with %q", err, test.want)
			}
		})
	}
}

func TestParseRawErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "not a golden file"},
		{"[]", "not a golden file"},
		{"null", "not a golden file"},
		{`{"kind": "layer"`, "not a golden file"},
		{`{"kind": "layer"} {}`, "not a golden file"},
		{`{"kind": "layer", "channels": NaN}`, "not a golden file"},
		{`{"kind": "layer", "channels": 4, "channels": 4}`, "channels: the key is repeated"},
		{`{"kind": "layer", "epsilon": 1e999}`, "epsilon"},
		{`{"kind": "trajectory", "init": {"a": {}, "a": {}}}`, "init.a: the key is repeated"},
		{`{"kind": "norm", "init": {"alpha": 1e999}}`, "init.alpha"},
		{`{"kind": "norm", "init": {"alpha": 1, "alpha": 1}}`, "init.alpha: the key is repeated"},
		{`{"kind": "objective", "cases": {"a": {"loss": 1e999}}}`, "cases.a.loss"},
		{`{"kind": "objective", "cases": {"a": {"loss": 1, "loss": 1}}}`, "cases.a.loss: the key is repeated"},
	} {
		_, err := golden.Parse([]byte(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got error %v, expected one with %q", test.text, err, test.want)
		}
	}
}

// TestReadDirSubfolders: subfolders and compressed files are read too.
func TestReadDirSubfolders(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "norms"), 0o755); err != nil {
		t.Fatal(err)
	}
	packed, err := golden.Compress(marshal(t, sampleNorm()))
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{filepath.Join(dir, "a.json"), filepath.Join(dir, "norms", "b.json.gz")}
	for i, data := range [][]byte{marshal(t, sampleLayer()), packed} {
		if err := os.WriteFile(paths[i], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := golden.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 || files[0].Path != paths[0] || files[1].Path != paths[1] || files[1].Norm == nil {
		t.Errorf("got %v", files)
	}
}

// TestTooLarge: neither a file nor what a compressed file expands to may exceed
// 8 MiB.
func TestTooLarge(t *testing.T) {
	zeros := make([]byte, maxSize+1)
	packed, err := golden.Compress(zeros)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"a.json": zeros, "b.json.gz": packed, "c.json.gz": zeros} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := golden.ReadDir(dir); err == nil || !strings.Contains(err.Error(), name+": the file is larger than 8388608 bytes") {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	if data, err := golden.Expand(packed[:len(packed)-1]); err == nil {
		t.Errorf("a truncated file expands to %d bytes without error", len(data))
	}
	whole, err := golden.Compress(zeros[1:])
	if err != nil {
		t.Fatal(err)
	}
	if data, err := golden.Expand(whole); err != nil || len(data) != maxSize {
		t.Errorf("8 MiB: got %d bytes, %v", len(data), err)
	}
}

func TestReadErrorsNameTheFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := golden.ReadDir(dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("empty directory: got error %v", err)
	}
	if _, err := golden.ReadDir(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("missing directory: got error %v", err)
	}
	good := marshal(t, sampleLayer())
	for name, data := range map[string][]byte{"b.json": good, "a.json": good, "README.md": []byte("text")} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := golden.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 || filepath.Base(files[0].Path) != "a.json" || filepath.Base(files[1].Path) != "b.json" {
		t.Errorf("got %d files, expected a.json and b.json", len(files))
	}
	if err := os.WriteFile(filepath.Join(dir, "c.json"), []byte(`{"kind": "layer"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := golden.ReadDir(dir); err == nil || !strings.Contains(err.Error(), "c.json: layout: the key is missing") {
		t.Errorf("bad file: got error %v", err)
	}
}

func TestChannelsLast(t *testing.T) {
	nchw := golden.Array{Shape: []int{1, 2, 1, 3}, Data: []float64{1, 2, 3, 4, 5, 6}}
	got := nchw.ChannelsLast()
	if !slices.Equal(got.Shape, []int{1, 1, 3, 2}) || !slices.Equal(got.Data, []float64{1, 4, 2, 5, 3, 6}) {
		t.Errorf("got %v", got)
	}
	nc := golden.Array{Shape: []int{1, 2}, Data: []float64{1, 2}}
	copied := nc.ChannelsLast()
	copied.Data[0] = 9
	if !slices.Equal(copied.Shape, nc.Shape) || nc.Data[0] != 1 {
		t.Errorf("rank 2: got %v from %v", copied, nc)
	}
}

func ExampleParse() {
	_, err := golden.Parse([]byte(`{"kind": "layer", "layout": "NC", "channels": "many"}`))
	fmt.Println(err)
	// Output: channels: json: cannot unmarshal string into Go value of type int
}
