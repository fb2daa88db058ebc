package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// fake is a runner with given times: steps in milliseconds, of which the first does
// not count.
type fake struct {
	norm    string
	compile time.Duration
	steps   []int
	peak    int64
	log     *[]string
	fails   string
}

func (f *fake) say(what string) error {
	*f.log = append(*f.log, f.norm+" "+what)
	if what == f.fails {
		return errors.New("the fake fails")
	}
	return nil
}

func (f *fake) Compile() (Compiled, error) {
	return Compiled{Framework: "fake 1", Backend: "none", Threads: 2, Compile: f.compile, Temporary: 3 << 20}, f.say("compile")
}

func (f *fake) Step() (Took, error) {
	took := time.Duration(f.steps[0]) * time.Millisecond
	f.steps = f.steps[1:]
	return Took{Step: took, Wait: took / 4}, f.say("step")
}

func (f *fake) Close() (int64, error) { return f.peak, f.say("close") }

// fakes starts a fake for each norm.
func fakes(log *[]string) func(context.Context, Case) (Runner, error) {
	all := map[string]*fake{
		"bn": {norm: "bn", compile: 2 * time.Second, steps: []int{900, 100, 400, 200, 100}, peak: 200 << 20},
		"rn": {norm: "rn", compile: 3 * time.Second, steps: []int{900, 110, 800, 220, 130}, peak: 250 << 20},
		"ds": {norm: "ds", compile: time.Second, steps: []int{900, 1}, fails: "step"},
	}
	return func(_ context.Context, c Case) (Runner, error) {
		f, ok := all[c.Norm]
		if !ok {
			return nil, errors.New("no such fake")
		}
		f.log = log
		return f, nil
	}
}

// TestMeasurePaired checks that all norms run at once and step in turn, that the
// first step does not count, and that ratios compare the steps of a round.
func TestMeasurePaired(t *testing.T) {
	var log []string
	c := Case{Backbone: "resnet18", PerDomain: 8, Size: 224}
	results, err := Measure(context.Background(), c, []string{"bn", "rn"}, Options{Steps: 4, Paired: true, Start: fakes(&log)})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"bn compile", "bn step", "rn compile", "rn step"}
	for range 4 {
		want = append(want, "bn step", "rn step")
	}
	if want = append(want, "bn close", "rn close"); !slices.Equal(log, want) {
		t.Errorf("calls: %q\nwant:  %q", log, want)
	}
	// Steps 100 100 200 400 and 110 130 220 800; their ratios 1.1, 2, 1.1, 1.3.
	rn := Result{
		Framework: "fake 1", Net: "resnet18", Norm: "rn", Images: 16, Size: 224, Threads: 2,
		StepSecondsMin: 0.11, StepSecondsMedian: 0.22, PeakRSSMiB: 250, CompileSeconds: 3, TemporaryMiB: 3, ImagesPerSecond: 72.73,
		Paired: true, Steps: 4, Backend: "none", ToBN: &Ratios{Step: 1.3, Compile: 1.5, PeakRSS: 1.25},
	}
	if !reflect.DeepEqual(results[1], rn) {
		t.Errorf("result %+v, ratios %+v\nwant %+v, %+v", results[1], results[1].ToBN, rn, rn.ToBN)
	}
	if bn := results[0]; bn.StepSecondsMedian != 0.2 || *bn.ToBN != (Ratios{1, 1, 1}) {
		t.Errorf("bn: %+v, ratios %+v", bn, bn.ToBN)
	}
}

// TestMeasureOneByOne checks that, without pairing, each norm is closed before the
// next starts, and that ratios compare medians.
func TestMeasureOneByOne(t *testing.T) {
	var log []string
	results, err := Measure(context.Background(), digitsConfig(""), []string{"rn", "bn"}, Options{Steps: 4, Start: fakes(&log)})
	if err != nil {
		t.Fatal(err)
	}
	if closed := slices.Index(log, "rn close"); closed < 0 || closed > slices.Index(log, "bn compile") {
		t.Errorf("calls: %q", log)
	}
	if got := results[0].ToBN.Step; got != 1.1 || results[0].Paired {
		t.Errorf("ratio %g, want 0.22/0.2 = 1.1", got)
	}
	if results, err = Measure(context.Background(), digitsConfig(""), []string{"rn"}, Options{Steps: 1, Start: fakes(&log)}); err != nil || results[0].ToBN != nil {
		t.Errorf("without bn: ratios %+v, error %v", results, err)
	}
}

// TestMeasureFails checks that the error names the case and the reason, and that
// every runner that was started is closed.
func TestMeasureFails(t *testing.T) {
	var log []string
	start := fakes(&log)
	_, err := Measure(context.Background(), digitsConfig(""), []string{"bn", "ds"}, Options{Steps: 1, Paired: true, Start: start})
	if err == nil || !strings.Contains(err.Error(), "digits with ds, 4+4 at 16 px, training: the fake fails") {
		t.Errorf("error %v", err)
	}
	if !slices.Contains(log, "bn close") || !slices.Contains(log, "ds close") {
		t.Errorf("not closed: %q", log)
	}
	for want, o := range map[string]struct {
		norms []string
		steps int
	}{
		"no such fake":               {[]string{"dsbn"}, 1},
		"0 steps: want at least 1":   {[]string{"bn"}, 0},
		"no norms":                   {nil, 1},
		"norm bn is given twice":     {[]string{"bn", "bn"}, 1},
		`unknown norm "layer": want`: {[]string{"layer"}, 1},
	} {
		if _, err := Measure(context.Background(), digitsConfig(""), o.norms, Options{Steps: o.steps, Start: start}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// inProcess starts this test binary as the process of a case.
func inProcess(ctx context.Context, c Case) (Runner, error) {
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), serving+"="+c.Norm)
	return Process(cmd)
}

// TestProcess measures cases in processes of their own, and checks that a result
// has the fields that a PyTorch script prints.
func TestProcess(t *testing.T) {
	newBackend(t)
	results, err := Measure(context.Background(), digitsConfig(""), []string{"bn", "rn"}, Options{Steps: 2, Paired: true, Start: inProcess})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"threads", "step_seconds_min", "step_seconds_median", "peak_rss_mib", "compile_seconds", "images_per_second"} {
			if v, ok := fields[name].(float64); !ok || v <= 0 {
				t.Errorf("%s is %v in %s", name, fields[name], text)
			}
		}
		if fields["net"] != "digits" || fields["images"] != 8.0 || fields["size"] != 16.0 || !strings.HasPrefix(fmt.Sprint(fields["framework"]), "gomlx ") || !strings.HasPrefix(r.Backend, "xla:cpu 0.") {
			t.Errorf("line %s", text)
		}
		if r.StepSecondsMin > r.StepSecondsMedian {
			t.Errorf("the least step of %g s is above the median, %g s", r.StepSecondsMin, r.StepSecondsMedian)
		}
	}
	if results[0].Norm != "bn" || results[1].Norm != "rn" || results[1].ToBN.PeakRSS <= 0 {
		t.Errorf("results %+v", results)
	}
}

// TestProcessFails checks that the error is the last line of the process.
func TestProcessFails(t *testing.T) {
	newBackend(t)
	r, err := inProcess(context.Background(), Case{Norm: "nope"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = r.Compile(); err == nil || !strings.HasPrefix(err.Error(), `unknown norm "nope"`) {
		t.Errorf("error %v", err)
	}
	if _, err := r.Close(); err != nil {
		t.Errorf("closing an ended process: %v", err)
	}
}

// TestProcessWithoutCache checks that the process compiles without the cache of
// executables, and that a step without a time is an error.
func TestProcessWithoutCache(t *testing.T) {
	r, err := Process(exec.Command("sh", "-c", `echo "{\"compiled\": {\"framework\": \"$RN_XLA_CACHE\"}}"; read -r line; echo '{}'; echo '{"peak": 1}'`))
	if err != nil {
		t.Fatal(err)
	}
	if compiled, err := r.Compile(); err != nil || compiled.Framework != "off" {
		t.Errorf("the cache is %q, error %v", compiled.Framework, err)
	}
	if _, err := r.Step(); err == nil || !strings.Contains(err.Error(), "how long a step took") {
		t.Errorf("error %v", err)
	}
	if peak, err := r.Close(); err != nil || peak != 1 {
		t.Errorf("peak %d, error %v", peak, err)
	}
}

// TestProcessIsStopped checks that a cancelled measurement returns the context's
// error at once.
func TestProcessIsStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	start := func(ctx context.Context, c Case) (Runner, error) {
		r, err := Process(exec.CommandContext(ctx, "sleep", "60"))
		cancel()
		return r, err
	}
	if _, err := Measure(ctx, digitsConfig(""), []string{"bn"}, Options{Steps: 1, Start: start}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// TestServeNoSteps checks that a process without steps still reports its peak.
func TestServeNoSteps(t *testing.T) {
	var out bytes.Buffer
	if err := Serve(newBackend(t), digitsConfig("bn"), strings.NewReader(""), &out); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(out.String()), "\n"); len(lines) != 2 || !strings.Contains(lines[0], `"compile"`) || !strings.Contains(lines[1], `"peak"`) {
		t.Errorf("printed %q", out.String())
	}
}
