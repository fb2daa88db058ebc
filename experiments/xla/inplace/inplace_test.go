package inplace

import (
	"regexp"
	"strings"
	"testing"
)

// step is a program as go-xla writes it: the new weight w − (v/2 + g·x), the momentum v/2 + g·x, a statistic made by an
// operation that contains operations, and a loss.
const step = `module @step {
  func.func @main(%arg0: tensor<2x3xf32>, %_w: tensor<2x3xf32>, %_fixed: tensor<2x3xf32>, %_mean: tensor<3xf32>, %_sgd_w: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<3xf32>, tensor<2x3xf32>, tensor<f32>) {
    %0 = "stablehlo.constant"() { value = dense<0.500000> : tensor<f32> } : () -> tensor<f32>
    %1 = "stablehlo.broadcast_in_dim"(%0) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x3xf32>
    %2 = "stablehlo.multiply"(%_fixed, %arg0) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %3 = "stablehlo.multiply"(%_sgd_w, %1) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %4 = "stablehlo.add"(%3, %2) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %5 = "stablehlo.reduce"(%2, %0) ({
      ^reductionFn(%lhs: tensor<f32>, %rhs: tensor<f32>) :
          %12 = "stablehlo.add"(%lhs, %rhs) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%12) : (tensor<f32>) -> ()
      }) { dimensions = array<i64: 0> } : (tensor<2x3xf32>, tensor<f32>) -> tensor<3xf32>
    %6 = "stablehlo.add"(%5, %_mean) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
    %7 = "stablehlo.subtract"(%_w, %4) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    "stablehlo.return"(%7, %6, %4, %0) : (tensor<2x3xf32>, tensor<3xf32>, tensor<2x3xf32>, tensor<f32>) -> ()
  }
}
`

var aliases = regexp.MustCompile(`(%\w+): tensor<[^>]*> \{tf\.aliasing_output = (\d) : i32\}`)

// aliased lists the aliases of a program in the order of its inputs.
func aliased(program string) string {
	var all []string
	for _, m := range aliases.FindAllStringSubmatch(program, -1) {
		all = append(all, m[1]+" "+m[2])
	}
	return strings.Join(all, ", ")
}

// TestAlias: every updated variable gives its memory to its new value; read-only variables and other inputs do not; the
// rest of the program stays the same.
func TestAlias(t *testing.T) {
	got := string(Alias([]byte(step)))
	if got, want := aliased(got), "%_w 0, %_mean 1, %_sgd_w 2"; got != want {
		t.Errorf("aliases %q, want %q", got, want)
	}
	if plain := regexp.MustCompile(` \{tf[^}]*\}`).ReplaceAllString(got, ""); plain != step {
		t.Errorf("the rest of the program changes:\n%s", got)
	}
	// An output takes the memory of one variable.
	twice := strings.Replace(step, "return\"(%7, %6, %4, %0)", "return\"(%7, %6, %7, %0)", 1)
	if got, want := aliased(string(Alias([]byte(twice)))), "%_w 0, %_mean 1, %_sgd_w 2"; got != want {
		t.Errorf("with the same output twice: aliases %q, want %q", got, want)
	}
}

// TestUnchanged: a program that go-xla did not write, or that updates no variable, stays as it is.
func TestUnchanged(t *testing.T) {
	for name, program := range map[string]string{
		"empty":          "",
		"no main":        strings.Replace(step, "@main", "@other", 1),
		"cut":            step[:len(step)/2],
		"an attribute":   strings.Replace(step, "%_w: tensor<2x3xf32>", "%_w: tensor<2x3xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}]>}", 1),
		"other outputs":  strings.Replace(step, "return\"(%7, ", "return\"(", 1),
		"no variable":    strings.ReplaceAll(step, "%_", "%arg_"),
		"other shapes":   strings.NewReplacer("_w: tensor<2x3xf32>", "_w: tensor<6xf32>", "_fixed: tensor<2x3xf32>", "_fixed: tensor<6xf32>", "_mean: tensor<3xf32>", "_mean: tensor<3xf64>").Replace(step),
		"another format": "HloModule step",
	} {
		if got := string(Alias([]byte(program))); got != program {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}
