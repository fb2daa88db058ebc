package parity_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	_ "github.com/gomlx/gomlx/backends/default"

	"github.com/reciprocalnorm/rn/experiments/verify/golden"
	"github.com/reciprocalnorm/rn/experiments/verify/parity"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
)

var backend compute.Backend

// TestMain has XLA, which the ResNet needs, compile fast rather than well.
func TestMain(m *testing.M) {
	if err := xlaflags.SetFast(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	compute.DefaultConfig = "go"
	backend = compute.MustNew()
	os.Exit(m.Run())
}

// embeddedCases are the cases of the embedded golden files.
func embeddedCases(t *testing.T) []parity.Case {
	t.Helper()
	files, err := golden.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	var all []parity.Case
	for _, file := range files {
		all = append(all, parity.Cases(file)...)
	}
	return all
}

// part returns the case of a file by its name, "" for the whole file.
func part(t *testing.T, file *golden.File, name string) parity.Case {
	t.Helper()
	cases := parity.Cases(file)
	i := slices.IndexFunc(cases, func(c parity.Case) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("%s has the cases %v, want one named %q", file.Path, cases, name)
	}
	return cases[i]
}

// TestNotRun: the list of embedded cases that this repository does not compute is
// testdata/not_run.txt. A case leaves the list in the commit that implements it.
func TestNotRun(t *testing.T) {
	var got strings.Builder
	for _, c := range embeddedCases(t) {
		if (c.NotRun == "") != (len(c.DTypes()) > 0) {
			t.Errorf("%s: not run: %q, dtypes %v", c, c.NotRun, c.DTypes())
		}
		if c.NotRun != "" {
			fmt.Fprintf(&got, "%s: %s\n", c, c.NotRun)
		}
	}
	want, err := os.ReadFile("testdata/not_run.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("cases that are not run:\n%s\nwant testdata/not_run.txt:\n%s", got.String(), want)
	}
}

// TestOtherDType: a case runs in its own dtypes only.
func TestOtherDType(t *testing.T) {
	c := part(t, &golden.File{Path: "x.json", Kind: "other"}, "")
	if c.NotRun != `files of kind "other" are not supported` {
		t.Errorf("not run: %q", c.NotRun)
	}
	if _, err := c.Run(backend, dtypes.Float32, parity.Inputs{}); err == nil || !strings.Contains(err.Error(), "x.json does not run in Float32") {
		t.Errorf("error %v", err)
	}
}

// TestGolden is `rn verify` on the backend of the tests, without the ResNet, for
// which that backend is too slow.
func TestGolden(t *testing.T) {
	for _, c := range embeddedCases(t) {
		if c.File.Kind == golden.KindResNet {
			continue
		}
		for _, dtype := range c.DTypes() {
			result, err := c.Run(backend, dtype, parity.Inputs{})
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			w := result.Worst()
			t.Logf("%s %s: %d arrays, worst %s: %.2g", c, dtype, len(result.Checks), w.Name, w.MaxRel)
			if !result.OK() {
				t.Errorf("%s in %s: %s is off by %.3g of its largest value, more than %.0e", c, dtype, w.Name, w.MaxRel, w.Tolerance)
			}
		}
	}
}

// TestDifferences: a wrong number in any part of a file makes its case differ.
func TestDifferences(t *testing.T) {
	for _, test := range []struct {
		file, part string
		change     func(*golden.File)
		want       string
	}{
		{"norms/dsbn_1d_c8_k3.json", "", func(f *golden.File) { f.Norm.Steps[1]["grad_gamma_source2"].Data[3] *= 1.01 }, "steps[1].grad_gamma"},
		{"norms/dsbn_2d_c5_uneven.json", "", func(f *golden.File) { f.Norm.Steps[0]["running_var_target"].Data[4] *= 1.01 }, "steps[0].running_variance"},
		{"norms/dwt_2d_c8_g4.json", "", func(f *golden.File) { f.Norm.Steps[2]["running_cov_source"].Data[1] += 0.01 }, "steps[2].running_covariance"},
		{"norms/transnorm_2d_c6.json", "", func(f *golden.File) { f.Norm.Eval.Y.Data[50] += 0.01 }, "eval.y"},
		{"norms/autodial_2d_c6.json", "training", func(f *golden.File) { f.Norm.Steps[2]["grad_alpha"].Data[0] *= 1.01 }, "steps[2].grad_alpha"},
		{"objectives/dann.json", "tllib", func(f *golden.File) { f.Objective.Cases["tllib"].Values["grad_disc_b"].Data[0] *= 1.01 }, "tllib.grad_disc_b"},
		{"objectives/minimum_entropy.json", "tllib", func(f *golden.File) { f.Objective.Cases["tllib"].Values["loss"].Data[0] *= 1.01 }, "tllib.loss"},
		{"objectives/schedules.json", "tllib", func(f *golden.File) { f.Objective.Cases["tllib"].Values["values"].Data[6] *= 1.01 }, "tllib.values"},
		{"losses.json", "", func(f *golden.File) { f.Losses.CDANE.GradLogits.Data[2] += 0.01 }, "cdan_e.grad_logits"},
	} {
		file, err := golden.ReadEmbedded(test.file)
		if err != nil {
			t.Fatal(err)
		}
		test.change(file)
		c := part(t, file, test.part)
		for _, dtype := range c.DTypes() {
			result, err := c.Run(backend, dtype, parity.Inputs{})
			if err != nil {
				t.Fatal(err)
			}
			if result.OK() || result.Worst().Name != test.want {
				t.Errorf("%s in %s: ok %t, worst %+v, want %s to differ", c, dtype, result.OK(), result.Worst(), test.want)
			}
		}
	}
}

// TestCannotRun: a case without a key that its formula needs is an error that
// names the case and the key.
func TestCannotRun(t *testing.T) {
	for _, test := range []struct{ file, part, key string }{
		{"objectives/dann.json", "dann", "grl_coeff"},
		{"objectives/dann.json", "dann", "disc_b"},
		{"objectives/minimum_entropy.json", "ba3us", "grad_target_logits"},
		{"objectives/schedules.json", "tllib", "iterations"},
		{"objectives/schedules.json", "tllib", "max_iterations"},
	} {
		file, err := golden.ReadEmbedded(test.file)
		if err != nil {
			t.Fatal(err)
		}
		delete(file.Objective.Cases[test.part].Values, test.key)
		_, err = part(t, file, test.part).Run(backend, dtypes.Float64, parity.Inputs{})
		if want := test.file + " " + test.part + " in Float64: " + test.key; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without %s: error %v, want %q", test.key, err, want)
		}
	}
}
