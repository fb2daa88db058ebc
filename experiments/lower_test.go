package experiments

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// lowerFile is the environment variable that turns TestLower into a process that
// writes the program of a digits step with a norm: NORM=FILE.
const lowerFile = "RN_TEST_LOWER"

// TestLower: the program has the convolutions of a training step, forward and of
// both gradients, and depends on the norm; a process writes one.
func TestLower(t *testing.T) {
	if norm, path, child := strings.Cut(os.Getenv(lowerFile), "="); child {
		c, err := Default("digits")
		if err != nil {
			t.Fatal(err)
		}
		c.Norm, c.BatchSize, c.Objective = norm, 4, "source-only"
		if err := Lower(c, 10, 1, path); err != nil {
			t.Fatal(err)
		}
		if err := Lower(c, 10, 1, path); err == nil || !strings.Contains(err.Error(), "new process") {
			t.Errorf("a second program: error is %v", err)
		}
		return
	}
	newBackend(t).Finalize()
	temporary := t.TempDir()
	counts := make(map[string]map[string]int)
	for _, norm := range []string{"bn", "rn"} {
		path := filepath.Join(t.TempDir(), "step.pb")
		child := exec.Command(os.Args[0], "-test.run=^TestLower$")
		child.Env = append(os.Environ(), lowerFile+"="+norm+"="+path, xlaFlagsEnv+"=", "TMPDIR="+temporary)
		if out, err := child.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", norm, err, out)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		counts[norm] = opcodes(t, data)
		// Two convolutions forward, the gradients of their kernels, and that of the second one's images.
		if n := counts[norm]["convolution"]; n != 2+2+1 {
			t.Errorf("%s: %d convolutions in %v, want 5", norm, n, counts[norm])
		}
	}
	if bn, rn := counts["bn"]["exponential"], counts["rn"]["exponential"]; rn <= bn { // of the similarity of channels
		t.Errorf("RN takes %d exponentials, batch norm %d", rn, bn)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestLowerErrors(t *testing.T) {
	c, err := Default("digits")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "step.pb")
	t.Setenv(xlaFlagsEnv, "")
	if err := Lower(c, 1, 1, path); err == nil || !strings.Contains(err.Error(), "1 classes") {
		t.Errorf("one class: error is %v", err)
	}
	c.Norm = "nope"
	if err := Lower(c, 10, 1, path); err == nil || !strings.Contains(err.Error(), `"nope"`) {
		t.Errorf("unknown norm: error is %v", err)
	}
}

func TestExampleShape(t *testing.T) {
	for _, test := range []struct {
		task Task
		want []int
	}{
		{Task{Recipe: "digits"}, []int{28, 28, 1}},
		{Task{Recipe: "office-home"}, []int{224, 224, 3}},
		{Task{Recipe: "office-home", Features: FeaturesFrozen}, []int{2048}},
	} {
		c, err := test.task.Default()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.exampleShape(); err != nil || len(got) != len(test.want) || sizeOf(got) != sizeOf(test.want) {
			t.Errorf("%+v: shape %v, %v, want %v", test.task, got, err, test.want)
		}
	}
}

// opcodes counts the instructions of a serialized HloProto by what they do.
func opcodes(t *testing.T, program []byte) map[string]int {
	t.Helper()
	counts := make(map[string]int)
	for _, module := range messages(t, program, 1) {
		for _, computation := range messages(t, module, 3) {
			for _, instruction := range messages(t, computation, 2) {
				for _, opcode := range messages(t, instruction, 2) {
					counts[string(opcode)]++
				}
			}
		}
	}
	return counts
}

// messages are the values of a field of a serialized message, if it is of bytes.
func messages(t *testing.T, message []byte, field uint64) (found [][]byte) {
	t.Helper()
	next := func() uint64 {
		v, n := binary.Uvarint(message)
		if n <= 0 {
			t.Fatal("this is no protocol buffer")
		}
		message = message[n:]
		return v
	}
	for len(message) > 0 {
		key := next()
		size := uint64(0)
		switch key & 7 {
		case 0:
			next()
		case 1:
			size = 8
		case 2:
			size = next()
		case 5:
			size = 4
		default:
			t.Fatalf("this is no protocol buffer: wire type %d", key&7)
		}
		if size > uint64(len(message)) {
			t.Fatal("the protocol buffer is cut short")
		}
		if key == field<<3|2 {
			found = append(found, message[:size])
		}
		message = message[size:]
	}
	return found
}
