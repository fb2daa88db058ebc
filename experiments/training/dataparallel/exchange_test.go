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
	"github.com/reciprocalnorm/rn/rnlayer"
)

// exchangeShards is the environment variable that turns TestExchange into a process that compiles a training step on
// four devices with a layout of so many shards.
const exchangeShards = "RN_TEST_SHARDS"

// collectives are what devices exchange, by the name of XLA's operation.
var collectives = regexp.MustCompile(` (all-reduce|all-gather|all-to-all|collective-permute|reduce-scatter)\(`)

// TestExchange: with a layout of a shard a device the devices of a convolutional network with RN exchange sums and
// nothing else; without, statistics of one domain are the matter of some devices, and are sent around.
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
			"XLA_FLAGS=--xla_dump_to="+dir+" --xla_dump_hlo_as_text --xla_dump_hlo_pass_re=NONE --xla_backend_optimization_level=0")
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
			t.Errorf("%d shards: no sums are exchanged", shards)
		}
		if (others == 0) != (shards == 4) {
			t.Errorf("%d shards: %d sums and %d other values are exchanged", shards, sums, others)
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
