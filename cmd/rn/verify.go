package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/network/weights"
	"github.com/reciprocalnorm/rn/experiments/verify/golden"
	"github.com/reciprocalnorm/rn/experiments/verify/parity"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// newVerify returns `rn verify`.
func newVerify() *cobra.Command {
	var config, photos, only string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify [DIR ...]",
		Short: "Compare this implementation with numbers from the authors' code",
		Long: `Compares layers, losses and training runs with golden numbers, which the authors' public code computed in
float64. The command contains the golden files. Each DIR adds the .json and .json.gz files of a folder and
its subfolders.

Every case runs in float64 and in float32, with TF32 switched off on GPUs. The largest error of an array,
relative to the array's largest value, may be 1e-9 in float64 (1e-7 at the end of a training run) and 2e-4
in float32 (5e-3 in training runs). Cases that this repository does not implement are listed as not run,
with the reason. The exit code is 0 if every case that ran agrees.

The ResNet-50 case runs in float32, the dtype of its published weights, and compares pooled features and
logits within 1e-3. The command fetches the weights once, like rn weights get; the case fails without them.
The photographs of the case are not part of the command: --photos names a folder of Office-Caltech-10.`,
		Example: `  rn verify
  rn verify --only 'norms/|losses'
  rn verify my-golden-files --backend xla:cuda --json`,
	}
	addBackendFlag(cmd, &config)
	cmd.Flags().StringVar(&photos, "photos", "", "`DIR` of Office-Caltech-10, for the ResNet-50 case")
	cmd.Flags().StringVar(&only, "only", "", "run only cases whose file and name match this regular expression")
	addJSONFlag(cmd, &asJSON, "one line per case and dtype, with every array")
	cmd.RunE = func(cmd *cobra.Command, dirs []string) error {
		pattern, err := regexp.Compile(only)
		if err != nil {
			return usageError{fmt.Errorf("--only: %w", err)}
		}
		cases, err := goldenCases(dirs, pattern)
		if err != nil {
			return err
		}
		backend, err := platform.NewExact(config)
		if err != nil {
			return err
		}
		ctx, log := cmd.Context(), cmd.ErrOrStderr()
		info := platform.Describe(backend)
		fmt.Fprintf(log, "%s %s on %s\n", info.Backend, info.Plugin, info.Device)
		v := &verification{out: cmd.OutOrStdout(), log: log, asJSON: asJSON}
		inputs := parity.Inputs{
			Weights:  func(name string) (*weights.File, error) { return weights.Open(ctx, name, log) },
			Photos:   photos,
			Progress: log,
		}
		for _, c := range cases {
			if err := v.verify(ctx, backend, c, inputs); err != nil {
				return err // a case may still be running: the backend is left to the end of the process
			}
		}
		backend.Finalize()
		return v.summarize(photos)
	}
	return cmd
}

// goldenCases lists the cases of the embedded files and of folders that match a
// pattern.
func goldenCases(dirs []string, pattern *regexp.Regexp) ([]parity.Case, error) {
	files, err := golden.Embedded()
	if err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		more, err := golden.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	var cases []parity.Case
	for _, file := range files {
		for _, c := range parity.Cases(file) {
			if pattern.MatchString(c.String()) {
				cases = append(cases, c)
			}
		}
	}
	if len(cases) == 0 {
		return nil, usageError{fmt.Errorf("--only %s matches no case", pattern)}
	}
	return cases, nil
}

// verification counts cases and reports on them.
type verification struct {
	out, log io.Writer
	asJSON   bool

	agree, differ, failed int
	notRun                []parity.Case
	photosNotRun          []string
}

// verifyLine is what --json prints.
type verifyLine struct {
	parity.Result
	NotRun string `json:"not_run,omitempty"`
	Error  string `json:"error,omitempty"`
}

// verify runs a case in each of its dtypes. Numbers that differ and cases that
// cannot be run are counted; the error is the context's or the output's.
func (v *verification) verify(ctx context.Context, backend compute.Backend, c parity.Case, inputs parity.Inputs) error {
	if c.NotRun != "" {
		v.notRun = append(v.notRun, c)
		return v.encode(verifyLine{Result: parity.Result{File: c.File.Path, Case: c.Name, Kind: c.File.Kind}, NotRun: c.NotRun})
	}
	differs, failed := false, false
	for _, dtype := range c.DTypes() {
		result, err := runCase(ctx, backend, c, dtype, inputs)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		line := verifyLine{Result: result}
		if err != nil { // the other cases are worth running
			failed = true
			line = verifyLine{Result: parity.Result{File: c.File.Path, Case: c.Name, Kind: c.File.Kind, DType: dtype.String()}, Error: err.Error()}
			fmt.Fprintf(v.log, "failed: %v\n", err)
		} else {
			differs = differs || !result.OK()
			v.photosNotRun = append(v.photosNotRun, result.PhotosNotRun...)
			v.print(c, result)
		}
		if err := v.encode(line); err != nil {
			return err
		}
	}
	switch {
	case failed:
		v.failed++
	case differs:
		v.differ++
	default:
		v.agree++
	}
	return nil
}

// runCase runs a case in a dtype, or returns when the context is done: XLA cannot
// be interrupted.
func runCase(ctx context.Context, backend compute.Backend, c parity.Case, dtype dtypes.DType, inputs parity.Inputs) (parity.Result, error) {
	type outcome struct {
		result parity.Result
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		result, err := c.Run(backend, dtype, inputs)
		done <- outcome{result, err}
	}()
	select {
	case o := <-done:
		return o.result, o.err
	case <-ctx.Done():
		return parity.Result{}, ctx.Err()
	}
}

// encode prints a line of JSON, if asked for.
func (v *verification) encode(line verifyLine) error {
	if !v.asJSON {
		return nil
	}
	return json.NewEncoder(v.out).Encode(line)
}

// print prints a result for people, unless JSON is asked for.
func (v *verification) print(c parity.Case, result parity.Result) {
	if v.asJSON {
		return
	}
	verdict := "ok"
	if !result.OK() {
		verdict = "DIFFERS"
	}
	w := result.Worst()
	fmt.Fprintf(v.out, "%-7s %-7s %s: %d arrays, worst %s: absolute %.1e, relative %.1e of %.0e\n",
		verdict, strings.ToLower(result.DType), c, len(result.Checks), w.Name, w.MaxAbs, w.MaxRel, w.Tolerance)
}

// summarize prints the cases and photographs that were not run and the counts. It
// returns an error if a case differs or failed.
func (v *verification) summarize(photos string) error {
	v.printNotRun()
	if n := len(v.photosNotRun); n > 0 && photos == "" {
		fmt.Fprintf(v.log, "%d photographs not run: --photos names their folder, Office-Caltech-10\n", n)
	} else if n > 0 {
		fmt.Fprintf(v.log, "%d photographs not run: %s lacks %s\n", n, photos, strings.Join(v.photosNotRun, ", "))
	}
	var failed string
	if v.failed > 0 {
		failed = fmt.Sprintf("%d failed, ", v.failed)
	}
	fmt.Fprintf(v.log, "golden cases: %d agree, %d differ, %s%d not run\n", v.agree, v.differ, failed, len(v.notRun))
	if v.differ+v.failed > 0 {
		return fmt.Errorf("%d of %d golden cases differ or failed", v.differ+v.failed, v.agree+v.differ+v.failed)
	}
	return nil
}

// printNotRun prints the cases that were not run, one line for each file and reason.
func (v *verification) printNotRun() {
	if v.asJSON {
		return
	}
	type key struct{ file, why string }
	var order []key
	names := make(map[key][]string)
	for _, c := range v.notRun {
		k := key{c.File.Path, c.NotRun}
		if _, ok := names[k]; !ok {
			order = append(order, k)
			names[k] = nil
		}
		if c.Name != "" {
			names[k] = append(names[k], c.Name)
		}
	}
	for _, k := range order {
		of := ""
		if len(names[k]) > 0 {
			of = " " + strings.Join(names[k], ", ")
		}
		fmt.Fprintf(v.out, "not run %s%s: %s\n", k.file, of, k.why)
	}
}
