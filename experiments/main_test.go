package experiments

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/training"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
)

// TestMain trains if a test started the binary as a process of its own.
func TestMain(m *testing.M) {
	if err := xlaflags.SetFast(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if out := os.Getenv(killOut); out != "" {
		if err := trainToEnd(out); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// toyIdentity is the identity of a run on data that no file holds.
func toyIdentity(c config.Config, env environment.Environment) record.Identity {
	return identityOf(c, map[string]string{record.DigestSource: "toy"}, "", env, "cpu")
}

// runToy trains on data in memory.
func runToy(ctx context.Context, backend compute.Backend, c config.Config, d input.Data, env environment.Environment) (record.Result, error) {
	id := toyIdentity(c, env)
	folder, err := openRunFolder(env.Out, id.ID())
	if err != nil {
		return record.Result{}, err
	}
	defer folder.close()
	return train(ctx, id, env, backend, d, training.Initial{}, folder)
}

// outputTo is the environment of a run that writes to a folder.
func outputTo(out string) environment.Environment {
	return environment.Environment{Output: environment.Output{Out: out}}
}

// photosEnvironment is the environment of a run on the photographs below root.
func photosEnvironment(t *testing.T, root string) environment.Environment {
	t.Helper()
	return environment.Environment{
		Images: environment.Images{Root: root}, Compute: environment.Compute{Backend: "xla:cpu"}, Output: environment.Output{Out: t.TempDir()},
	}
}

// interruptAfter is a context that a run's progress cancels after a step.
func interruptAfter(step int) (context.Context, func(environment.Progress)) {
	ctx, cancel := context.WithCancel(context.Background())
	return ctx, func(p environment.Progress) {
		if p.Step == step {
			cancel()
		}
	}
}

// checkpointed are the variables of a run's latest checkpoint.
func checkpointed(t *testing.T, out, id string) *model.Store {
	t.Helper()
	store := model.NewStore()
	t.Cleanup(store.Finalize)
	if _, err := checkpoint.Read(filepath.Join(runDir(out, id), checkpointDir), store, checkpoint.Latest, nil, nil); err != nil {
		t.Fatal(err)
	}
	return store
}

// trained are the values of the network's variables in a run's latest checkpoint,
// by path.
func trained(t *testing.T, out, id string) map[string][]float32 {
	t.Helper()
	values := make(map[string][]float32)
	for v := range checkpointed(t, out, id).Scope("/" + config.NetworkScope).IterVariables() {
		values[v.Path()] = tensors.MustCopyFlatData[float32](v.MustValue())
	}
	return values
}

// hashOf is the hash of all variables in a run's latest checkpoint.
func hashOf(t *testing.T, out, id string) string {
	t.Helper()
	store := checkpointed(t, out, id)
	if n := store.NumVariables(); n < 10 {
		t.Fatalf("%d variables", n)
	}
	hash, err := checkpoint.Hash(store)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}
