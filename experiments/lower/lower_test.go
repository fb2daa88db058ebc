package lower

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
)

// lowerFile is the environment variable that turns the test binary into a process
// that lowers a digits step to a file: NORM=FILE, or NORM ACTIVATIONS=FILE.
const lowerFile = "RN_TEST_LOWER"

// TestLower: the program has the convolutions of a training step, those of the
// forward pass and of both gradients, and depends on the norm. A process lowers one
// program.
func TestLower(t *testing.T) {
	if norm, path, child := strings.Cut(os.Getenv(lowerFile), "="); child {
		c, err := config.Default("digits")
		if err != nil {
			t.Fatal(err)
		}
		name, activations, _ := strings.Cut(norm, " ")
		c.Norm, c.Activations, c.BatchSize, c.Objective = name, backbone.Activations(activations), 4, "source-only"
		before := os.Getenv(xlaflags.Env)
		if err := Lower(c, 10, 1, path); err != nil {
			t.Fatal(err)
		}
		if after := os.Getenv(xlaflags.Env); after != before {
			t.Errorf("$%s was %q and is %q", xlaflags.Env, before, after)
		}
		if err := Lower(c, 10, 1, path); err == nil || !strings.Contains(err.Error(), "new process") {
			t.Errorf("a second program: error is %v", err)
		}
		return
	}
	toydata.Backend(t) // skips without XLA
	temporary := t.TempDir()
	counts := make(map[string]map[string]int)
	for _, norm := range []string{"bn", "rn", "bn bfloat16"} {
		path := filepath.Join(t.TempDir(), "step.pb")
		child := exec.Command(os.Args[0], "-test.run=^TestLower$")
		child.Env = append(os.Environ(), lowerFile+"="+norm+"="+path, xlaflags.Env+"=", "TMPDIR="+temporary)
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
	if wide, narrow := counts["bn"]["convert"], counts["bn bfloat16"]["convert"]; narrow < wide+10 {
		t.Errorf("%d conversions between dtypes with bfloat16, %d with float32", narrow, wide)
	}
	if bn, rn := counts["bn"]["exponential"], counts["rn"]["exponential"]; rn <= bn { // of the similarity of channels
		t.Errorf("RN takes %d exponentials, batch norm %d", rn, bn)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestForCUDA: a product of bfloat16 loses its algorithm, or gets the highest
// precision if it has none; nothing else changes.
func TestForCUDA(t *testing.T) {
	message := func(fields ...any) (out []byte) { // number, value, …
		for i := 0; i < len(fields); i += 2 {
			number := protowire.Number(fields[i].(int))
			if v, isNumber := fields[i+1].(int); isNumber {
				out = protowire.AppendVarint(protowire.AppendTag(out, number, protowire.VarintType), uint64(v))
			} else if text, isText := fields[i+1].(string); isText {
				out = protowire.AppendBytes(protowire.AppendTag(out, number, protowire.BytesType), []byte(text))
			}
		}
		return out
	}
	program := func(opcode string, element int, precision []byte) []byte {
		instruction := message(1, "name", hloOpcode, opcode, hloShape, string(message(shapeElementType, element)), hloPrecision, string(precision), 60, 7)
		computation := message(1, "main", hloInstructions, "", hloInstructions, string(instruction), 5, 3)
		return message(hloModule, string(message(1, "module", hloComputations, string(computation))), 2, "rest")
	}
	const float32Element = 11
	plain := message(precisionOfOperands, "\x00\x00")
	algorithm := append(message(precisionOfOperands, "\x00\x00"), message(precisionAlgorithm, 5)...)
	highest := message(precisionOfOperands, "\x02\x02")
	for name, c := range map[string]struct{ given, want []byte }{
		"algorithm":   {program("dot", elementBFloat16, algorithm), program("dot", elementBFloat16, plain)},
		"none":        {program("dot", elementBFloat16, plain), program("dot", elementBFloat16, highest)},
		"float32":     {program("dot", float32Element, plain), program("dot", float32Element, plain)},
		"convolution": {program("convolution", elementBFloat16, plain), program("convolution", elementBFloat16, plain)},
	} {
		got, err := forCUDA(c.given)
		if err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%s: %x, %v, want %x", name, got, err, c.want)
		}
	}
	given := program("dot", elementBFloat16, algorithm)
	if _, err := forCUDA(given[:len(given)-3]); err == nil {
		t.Error("a program that is cut short is read")
	}
}

func TestLowerErrors(t *testing.T) {
	c, err := config.Default("digits")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "step.pb")
	t.Setenv(xlaflags.Env, "")
	if err := Lower(c, 1, 1, path); err == nil || !strings.Contains(err.Error(), "1 classes") {
		t.Errorf("one class: error is %v", err)
	}
	c.Norm = "nope"
	if err := Lower(c, 10, 1, path); err == nil || !strings.Contains(err.Error(), `"nope"`) {
		t.Errorf("unknown norm: error is %v", err)
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

// messages are the values of a field that holds bytes.
func messages(t *testing.T, message []byte, number protowire.Number) (found [][]byte) {
	t.Helper()
	err := fields(message, func(f field) {
		if f.number == number {
			found = append(found, f.bytes)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
