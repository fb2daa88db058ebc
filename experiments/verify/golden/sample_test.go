package golden_test

import (
	"encoding/json"
	"testing"
)

type object = map[string]any

// filled is an array in the files' form, with small distinct values.
func filled(shape ...int) object {
	size := 1
	for _, dim := range shape {
		size *= dim
	}
	data := make([]float64, size)
	for i := range data {
		data[i] = 0.25 * float64(i%7)
	}
	return object{"shape": shape, "data": data}
}

// sampleLayer is a valid layer case with K = 2 domains of 2 rows, 4 channels in
// groups of 2 and 3 positions.
func sampleLayer() object {
	step := object{}
	for _, name := range []string{"x", "upstream", "y", "grad_x"} {
		step[name] = filled(4, 4, 3, 1)
	}
	for _, name := range []string{
		"grad_mean_gate_source", "grad_mean_gate_target", "grad_var_gate_source", "grad_var_gate_target",
		"grad_gamma", "grad_beta",
		"running_mean_source", "running_mean_target", "running_var_source", "running_var_target",
	} {
		step[name] = filled(4)
	}
	init := object{}
	for _, name := range []string{
		"mean_gate_source", "mean_gate_target", "var_gate_source", "var_gate_target", "gamma", "beta",
	} {
		init[name] = filled(4)
	}
	return object{
		"kind": "layer", "layout": "NCHW", "channels": 4, "group": 2, "distance": "cosine",
		"per_domain_batch": 2, "epsilon": 1e-5, "momentum": 0.1,
		"init": init, "steps": []any{step},
		"eval": object{"x": filled(5, 4, 1, 2), "y": filled(5, 4, 1, 2)},
	}
}

func sampleLosses() object {
	cdan := func() object {
		return object{
			"features": filled(4, 3), "logits": filled(4, 2), "disc_w": filled(6, 1), "disc_b": filled(1),
			"grl_coeff": 0.37, "loss": 1.25,
			"grad_features": filled(4, 3), "grad_logits": filled(4, 2),
			"grad_disc_w": filled(6, 1), "grad_disc_b": filled(1),
		}
	}
	return object{
		"cdan": cdan(), "cdan_e": cdan(),
		"target_entropy":   object{"logits": filled(3, 2), "weight": 0.1, "loss": 0.05, "grad_logits": filled(3, 2)},
		"grl_coefficient":  []any{object{"iteration": 0, "value": 0.0}},
		"inverse_decay_lr": []any{object{"iteration": 0, "base": 0.001, "value": 0.001}},
	}
}

// sampleParameters are those of a network of 3 inputs, widths 4 and 2, and 3
// classes.
func sampleParameters() object {
	linear := func(in, out int) object {
		return object{"weight_in_out": filled(in, out), "bias": filled(out)}
	}
	norm := func(channels int) object {
		layer := object{}
		for _, name := range []string{
			"gamma", "beta",
			"mean_gate_source", "mean_gate_target", "var_gate_source", "var_gate_target",
			"running_mean_source", "running_mean_target", "running_var_source", "running_var_target",
		} {
			layer[name] = filled(channels)
		}
		return layer
	}
	return object{
		"linear1": linear(3, 4), "norm1": norm(4),
		"bottleneck": linear(4, 2), "norm2": norm(2), "classifier": linear(2, 3),
		"disc1": linear(6, 5), "disc2": linear(5, 5), "disc3": linear(5, 1),
	}
}

func sampleTrajectory() object {
	return object{
		"kind": "trajectory", "method": "cdan_e", "batch_per_domain": 2,
		"optimizer": object{
			"kind": "sgd", "momentum": 0.9, "nesterov": true, "weight_decay": 5e-4, "decay_mult": 2, "lr": 0.01,
			"gate_clamp": []float64{0.5, 1},
			"lr_mult": object{
				"linear1": 1, "norm1": 1, "bottleneck": 10, "norm2": 10, "classifier": 10,
				"disc1": 10, "disc2": 10, "disc3": 10,
			},
		},
		"init": sampleParameters(),
		"steps": []any{object{
			"iteration": 0, "x": filled(4, 3), "labels_source": []int{2, 0},
			"grl_coeff": 0.0, "lr": 0.01, "classifier_loss": 1.5, "transfer_loss": 0.7,
		}},
		"final": sampleParameters(),
		"eval":  object{"x": filled(5, 3), "logits": filled(5, 3)},
	}
}

func sampleResNet() object {
	return object{
		"model": "a model", "input_rgb": "a formula", "preprocess": "none", "stride": "first",
		"batchnorm_epsilon": 1e-3,
		"features_pool5":    make([]float64, 2048),
		"logits_top":        []any{[]any{645, 16.5}, []any{723, 14.25}},
		"photos": []any{object{
			"path": "amazon/mug/frame_0001.jpg", "preprocess": "centre crop 224",
			"top3_class_probability": []any{[]any{504, 0.5}, []any{899, 0.25}, []any{505, 0.125}},
		}},
	}
}

// samples are one valid file of every kind.
func samples() map[string]object {
	return map[string]object{
		"layer": sampleLayer(), "losses": sampleLosses(), "trajectory": sampleTrajectory(), "resnet": sampleResNet(),
	}
}

func marshal(t testing.TB, value any) []byte {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// at walks keys and list indices down from an object.
func at(root object, path ...any) object {
	var value any = root
	for _, step := range path {
		switch key := step.(type) {
		case string:
			value = value.(object)[key]
		case int:
			value = value.([]any)[key]
		}
	}
	return value.(object)
}
