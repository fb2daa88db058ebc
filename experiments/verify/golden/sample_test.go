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

// sampleParameters are the parameters of a network with 3 inputs, widths 4 and 2,
// and 3 classes.
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

func sampleReference() object {
	return object{"repository": "owner/name", "commit": "0123abc", "file": "a.py", "licence": "MIT"}
}

// sampleNorm is a valid DSBN case of three domains with 2, 1 and 3 rows.
func sampleNorm() object {
	domains := []string{"a", "b", "target"}
	init, step := object{}, object{}
	for _, name := range []string{"x", "upstream", "y", "grad_x"} {
		step[name] = filled(6, 4, 2)
	}
	for _, domain := range domains {
		for _, name := range []string{"gamma_", "beta_"} {
			init[name+domain], step["grad_"+name+domain] = filled(4), filled(4)
		}
		for _, name := range []string{"running_mean_", "running_var_"} {
			init[name+domain], step[name+domain] = filled(4), filled(4)
		}
	}
	return object{
		"kind": "norm", "norm": "dsbn", "layout": "NCL", "channels": 4, "domains": domains, "domain_rows": []int{2, 1, 3},
		"epsilon": 1e-5, "momentum": 0.1, "note": "text", "reference": sampleReference(),
		"init": init, "steps": []any{step}, "eval": object{"x": filled(5, 4, 2), "y": filled(5, 4, 2)},
	}
}

// sampleDWT and sampleAutoDIAL are valid cases with settings that DSBN lacks.
func sampleDWT() object {
	init := object{"gamma": filled(4), "beta": filled(4)}
	step := object{"x": filled(4, 4), "upstream": filled(4, 4), "y": filled(4, 4), "grad_x": filled(4, 4), "grad_gamma": filled(4), "grad_beta": filled(4)}
	for _, domain := range []string{"source", "target"} {
		for _, arrays := range []object{init, step} {
			arrays["running_mean_"+domain], arrays["running_cov_"+domain] = filled(4), filled(2, 2, 2)
		}
	}
	return object{
		"kind": "norm", "norm": "dwt", "layout": "NC", "channels": 4, "group": 2, "domains": []string{"source", "target"}, "domain_rows": []int{2, 2},
		"epsilon": 1e-3, "momentum": 0.1, "note": "text", "reference": sampleReference(),
		"init": init, "steps": []any{step}, "eval": object{"x": filled(5, 4), "y": filled(5, 4)},
	}
}

func sampleAutoDIAL() object {
	step := object{"x": filled(4, 3), "upstream": filled(4, 3), "y": filled(4, 3), "grad_x": filled(4, 3), "grad_alpha": 0.5, "running_weight": 1}
	for _, domain := range []string{"source", "target"} {
		step["running_mean_"+domain], step["running_var_"+domain] = filled(3), filled(3)
	}
	return object{
		"kind": "norm", "norm": "autodial", "layout": "NC", "channels": 3, "domains": []string{"source", "target"}, "domain_rows": []int{2, 2},
		"epsilon": 1e-5, "moving_average_fraction": 0.9, "note": "text", "reference": sampleReference(),
		"init": object{"alpha": 0.75}, "steps": []any{step}, "eval": object{"x": filled(5, 3), "y": filled(5, 3)},
	}
}

// sampleObjective has a loss with terms and a schedule of two parts.
func sampleObjective() object {
	return object{
		"kind": "objective", "objective": "ba3us", "note": "text", "references": object{"authors": sampleReference()},
		"cases": object{
			"total": object{
				"formula": "ba3us", "reference": "authors", "of": "total", "source_features": filled(3, 2), "source_logits": filled(3, 4),
				"source_labels": []int{3, 0, 1}, "source_weights": filled(3), "target_features": filled(2, 2), "linear": true, "grl_coeff": 0.5,
				"loss": 1.5, "terms": object{"task": 1, "transfer": 0.5}, "grad_source_features": filled(3, 2), "grad_target_features": filled(2, 2),
			},
			"schedule": object{
				"formula": "schedule", "reference": "authors", "iterations": []int{0, 10},
				"values": object{"source": []float64{0, 0.5}, "target": []float64{0.25, 0.75}},
			},
		},
	}
}

// samplePartial is a valid run of a method with widths 3, 5, 4 and 2 and 3 classes.
func samplePartial(method string) object {
	layers := map[string][2]int{
		"features": {3, 5}, "bottleneck": {5, 4}, "classifier": {4, 3}, "disc1": {4, 2}, "disc2": {2, 2}, "disc3": {2, 1},
	}
	step := object{
		"iteration": 0, "x_source": filled(2, 3), "labels_source": []int{2, 0}, "x_target": filled(4, 3), "lr": 0.01, "loss": 2.5,
	}
	o := object{
		"kind": "partial_trajectory", "method": method, "note": "text", "references": object{"authors": sampleReference()},
		"dimensions":     object{"inputs": 3, "hidden": 5, "bottleneck": 4, "classes": 3, "adversarial": 2},
		"shared_classes": 2, "steps": []any{step}, "eval": object{"x": filled(5, 3), "logits": filled(5, 3)},
	}
	optimizer := object{"kind": "sgd", "momentum": 0.9, "nesterov": true, "weight_decay": 5e-4, "lr": 0.01}
	if method == "etn" {
		layers["aux1"], layers["aux2"], layers["aux3"] = [2]int{4, 2}, [2]int{2, 2}, [2]int{2, 3}
		step["grl_coeff_source"], step["grl_coeff_target"], step["weights"] = 0.0, 0.5, filled(2)
		step["terms"] = object{"ce": 1, "adv_loss": 1, "entropy": 1, "adv_loss_aug": 1, "ce_aug": 1}
		o["loss_weights"] = object{"ce": 1, "adv_loss": 1, "entropy": 0.2, "adv_loss_aug": 10, "ce_aug": 1}
	} else {
		step["grl_coeff_features"], step["grl_coeff_entropy"], step["class_weight"] = 0.0, 0.5, filled(3)
		step["x_middle"], step["labels_middle"] = filled(1, 3), []int{1}
		step["terms"] = object{"src_loss": 1, "transfer_loss": 1, "tar_loss": 1, "cot_loss": 1}
		o["batch"], o["mu"], o["max_iterations"], o["interval"] = 4, 2, 20, 5
		o["entropy_weight"], o["complement_weight"], o["target_test"] = 0.1, 1, filled(7, 3)
		optimizer["decay_mult"] = 2
	}
	parameters, rates := object{}, object{}
	for name, size := range layers {
		parameters[name] = object{"weight_in_out": filled(size[0], size[1]), "bias": filled(size[1])}
		rates[name] = 1
	}
	optimizer["lr_mult"] = rates
	o["optimizer"], o["init"], o["final"] = optimizer, parameters, parameters
	return o
}

// samples are valid files of every kind.
func samples() map[string]object {
	return map[string]object{
		"layer": sampleLayer(), "losses": sampleLosses(), "trajectory": sampleTrajectory(), "resnet": sampleResNet(),
		"norm": sampleNorm(), "norm dwt": sampleDWT(), "norm autodial": sampleAutoDIAL(), "objective": sampleObjective(),
		"partial_trajectory": samplePartial("etn"), "partial_trajectory ba3us": samplePartial("ba3us"),
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
