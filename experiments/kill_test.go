package experiments

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// killOut is the environment variable that turns the test binary into a process
// that trains: its output folder.
const killOut = "RN_TEST_KILL_OUT"

// trainToEnd resumes the run of killConfig in a folder, and prints each step.
func trainToEnd(out string) error {
	backend, err := platform.New("xla:cpu")
	if err != nil {
		return err
	}
	c, err := killConfig()
	if err != nil {
		return err
	}
	env := outputTo(out)
	env.Resume, env.SaveEvery = environment.ContinueOrRefuse, 3
	env.Progress = func(p environment.Progress) { fmt.Println("step", p.Step) }
	r, err := runToy(context.Background(), backend, c, toyFeatures(), env)
	if err == nil {
		fmt.Println("state", r.StateSHA256)
	}
	return err
}

// killConfig trains the head of a network on [toyFeatures].
func killConfig() (config.Config, error) {
	c, err := config.Task{Recipe: "custom", Source: "summer", Target: "winter", Features: config.FeaturesFrozen}.Default()
	c.Network.Backbone, c.Network.Bottleneck, c.Network.UniformScale = "resnet18", 8, true
	c.ObjectiveOptions.DiscriminatorHidden = 8
	c.BatchSize, c.Steps, c.EvalEvery = 4, 40, 10
	return c, err
}

// toyFeatures are two domains of vectors around three points, shifted.
func toyFeatures() input.Data {
	const width, n = 12, 30
	domain := func(name string, shift float32, seed uint64) input.Set {
		rng := rand.New(rand.NewPCG(seed, 1))
		values, labels := make([]float32, 0, n*width), make([]int32, n)
		for i := range n {
			labels[i] = int32(i % 3)
			for k := range width {
				v := shift + float32(rng.NormFloat64())
				if k%3 == i%3 {
					v += 2
				}
				values = append(values, v)
			}
		}
		return input.Set{Name: name, Examples: input.NewMemory(values, width), Labels: labels, Classes: []string{"a", "b", "c"}}
	}
	winter := domain("winter", 0.5, 2)
	return input.Data{Source: domain("summer", 0, 1), Target: winter.WithoutLabels(), Test: winter}
}

// TestKillAndResume: a run that SIGKILL ends at random steps, and that is resumed
// each time, ends in the state of a run that was left alone.
func TestKillAndResume(t *testing.T) {
	toydata.Backend(t) // skips without XLA
	child := func(out string, killAfter int) (state string) {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), killOut+"="+out)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		killed := false
		lines := bufio.NewScanner(stdout)
		for steps := 0; lines.Scan(); {
			what, value, _ := strings.Cut(lines.Text(), " ")
			switch what {
			case "state":
				state = value
			case "step":
				if steps++; steps == killAfter {
					killed = cmd.Process.Kill() == nil
				}
			}
		}
		var exit *exec.ExitError
		if err := cmd.Wait(); err != nil && !(killed && errors.As(err, &exit)) {
			t.Fatalf("%v: %s", err, stderr.String())
		}
		return state
	}
	want := child(t.TempDir(), 0)
	if want == "" {
		t.Fatal("the run that was left alone has no state")
	}
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 0))
	out, kills, got := t.TempDir(), 0, ""
	for got == "" {
		after := 0 // to the end
		if kills < 4 {
			after = 4 + rng.IntN(9) // beyond a checkpoint, so that it gets on
		}
		if got = child(out, after); got == "" {
			kills++
		}
	}
	if got != want {
		t.Errorf("after %d kills (seed %d) the state is %s, without %s", kills, seed, got, want)
	}
	if kills < 2 {
		t.Errorf("killed %d times", kills)
	}
}
