package dataparallel_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/training/dataparallel"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// exchangeShards is the environment variable that turns TestExchange into a process that compiles a training step on
// four devices. Its value is the number of shards of the layout.
const exchangeShards = "RN_TEST_SHARDS"

// collectives finds the operations of XLA through which devices communicate.
var collectives = regexp.MustCompile(` (all-reduce|all-gather|all-to-all|collective-permute|reduce-scatter)\(`)

// TestExchange: if the layout has one shard per device, the devices of a convolutional network with RN communicate only
// through all-reduced sums; without shards, only some devices hold a domain, and they send its statistics around.
func TestExchange(t *testing.T) {
	if shards, err := strconv.Atoi(os.Getenv(exchangeShards)); err == nil {
		compileConvolutions(t, rnlayer.Halves().Shards(shards))
		return
	}
	newBackend(t).Finalize()
	for _, shards := range []int{4, 1} {
		dir := t.TempDir()
		child := exec.Command(os.Args[0], "-test.run=^TestExchange$")
		child.Env = append(os.Environ(), exchangeShards+"="+strconv.Itoa(shards),
			xlaflags.Env+"=--xla_dump_to="+dir+" --xla_dump_hlo_as_text --xla_dump_hlo_pass_re=NONE --xla_backend_optimization_level=0")
		if out, err := child.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*cpu_after_optimizations.txt"))
		if err != nil || len(files) != 1 {
			t.Fatalf("XLA wrote %v, %v, want one program", files, err)
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		sums, others := 0, 0
		for _, match := range collectives.FindAllSubmatch(text, -1) {
			if string(match[1]) == "all-reduce" {
				sums++
			} else {
				others++
			}
		}
		if sums == 0 {
			t.Errorf("%d shards: no sums are all-reduced", shards)
		}
		if (others == 0) != (shards == 4) {
			t.Errorf("%d shards: %d all-reduced sums and %d other collectives", shards, sums, others)
		}
	}
}

// compileConvolutions compiles the gradients of a small convolutional network.
func compileConvolutions(t *testing.T, layout rnlayer.Domains) {
	backend, store := newBackend(t), model.NewStore()
	exec := model.MustNewExec(backend, store, func(scope *model.Scope, x *Node) []*Node {
		store.SetTraining(x.Graph(), true)
		for _, name := range []string{"first", "second"} {
			block := scope.In("%s", name)
			x = layers.Convolution(block, x).Channels(8).KernelSize(3).PadSame().UseBias(false).Done()
			x = MaxScalar(rnlayer.New(block, x).Domains(layout).Done(), 0)
		}
		return scope.BuildTrainableVariablesGradientsGraph(ReduceAllMean(Square(layers.DenseWithBias(scope.In("head"), ReduceMean(x, 1, 2), 5))))
	})
	defer exec.Finalize()
	spread, err := dataparallel.New(backend, exec, 4)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := spread.Compile(shapes.Make(dtypes.Float32, 16, 6, 6, 3)); err != nil {
		t.Fatal(err)
	}
}
