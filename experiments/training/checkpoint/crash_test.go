package checkpoint

import (
	"bufio"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Environment variables that turn the test binary into a process that saves.
const (
	crashDir   = "RN_TEST_CRASH_DIR"
	crashLimit = "RN_TEST_CRASH_LIMIT" // of a file, in bytes
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if err := saveForever(dir); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(3)
		}
	}
	os.Exit(m.Run())
}

// saveForever saves one step after another, starting after the latest checkpoint.
func saveForever(dir string) error {
	if limit, err := strconv.ParseUint(os.Getenv(crashLimit), 10, 64); err == nil {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			return err
		}
	}
	f, err := Open(dir, Options{})
	if err != nil {
		return err
	}
	store := model.NewStore()
	step, err := f.Load(store, Latest, &state{})
	if err != nil {
		step = 0
	}
	for {
		step++
		store = model.NewStore()
		store.VariableWithValue("/step", int64(step))
		values := make([]float32, 1<<14+step)
		for i := range values {
			values[i] = float32(i * step)
		}
		if _, err := store.CreateVariable("/values", tensors.FromValue(values)); err != nil {
			return err
		}
		hash, err := Hash(store)
		if err != nil {
			return err
		}
		if err := f.Save(store, step, state{step, hash}); err != nil {
			return err
		}
		if step%3 == 0 {
			if err := f.MarkBest(step); err != nil {
				return err
			}
		}
		os.Stdout.WriteString(".\n")
	}
}

// saver returns a command that runs saveForever in another process.
func saver(t *testing.T, dir string, environment ...string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), append(environment, crashDir+"="+dir)...)
	return cmd
}

// requireWhole loads a checkpoint of saveForever, checks it and returns its step.
func requireWhole(t *testing.T, dir string, which Which) int {
	t.Helper()
	store := model.NewStore()
	var s state
	step, err := Read(dir, store, which, &s, nil)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := Hash(store)
	if err != nil {
		t.Fatal(err)
	}
	if got := tensors.ToScalar[int64](store.GetVariable("/step").MustValue()); s.Step != step || int(got) != step || s.Hash != hash {
		t.Fatalf("the %s checkpoint of step %d has state %+v, variables of step %d and hash %s", names[which], step, s, got, hash)
	}
	return step
}

// TestSIGKILL kills a saving process at random moments. Every time the latest and the
// best checkpoint must be intact, and the next process must continue from the latest.
func TestSIGKILL(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	rng := rand.New(rand.NewPCG(1, 2))
	last := 0
	for range 12 {
		cmd := saver(t, dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for i := 0; i < 3 && lines.Scan(); i++ { // one of three steps marks the best
		}
		if _, err := Steps(dir); err != nil { // reads while the process writes
			t.Error(err)
		}
		time.Sleep(time.Duration(rng.IntN(30_000)) * time.Microsecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("the process was not killed: %v", err)
		}
		step := requireWhole(t, dir, Latest)
		if step <= last {
			t.Errorf("step %d after step %d", step, last)
		}
		last = step
		requireWhole(t, dir, Best)
	}
	open(t, dir, Options{})
	if parts, err := filepath.Glob(filepath.Join(dir, "*"+partSuffix)); err != nil || len(parts) > 0 {
		t.Errorf("half-written checkpoints remain: %v, %v", parts, err)
	}
}

// TestFullDisk limits the size of files. Save must return an error, keep the last good
// checkpoint and remove the half-written one.
func TestFullDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	const enoughForThree = 1<<16 + 250 // files grow by four bytes per step
	out, err := saver(t, dir, crashLimit+"="+strconv.Itoa(enoughForThree)).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "file too large") {
		t.Fatalf("%v: %.200s", err, out)
	}
	if step := requireWhole(t, dir, Latest); step < 1 || !strings.Contains(string(out), "checkpoint of step "+strconv.Itoa(step+1)) {
		t.Errorf("the last checkpoint is of step %d, the error is %s", step, out)
	}
	if parts, err := filepath.Glob(filepath.Join(dir, "*"+partSuffix)); err != nil || len(parts) > 0 {
		t.Errorf("half-written checkpoints remain: %v, %v", parts, err)
	}
}
