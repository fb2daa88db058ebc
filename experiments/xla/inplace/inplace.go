package inplace

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// depth is the number of operations through which Alias searches back from an output to its old value. A new weight is one
// operation away from the old weight, a momentum two, a clipped gate four.
const depth = 5

// Parts of the programs that go-xla v0.4 writes.
const (
	mainStart  = "  func.func @main("
	mainEnd    = "\n  }\n"
	returns    = "    \"stablehlo.return\"("
	variable   = "%_" // GoMLX names variables by paths, such as /model/weights, and go-xla writes / as _.
	aliasing   = " {tf.aliasing_output = %d : i32}"
	resultType = ") -> "
)

// argument matches an argument of a function without attributes, operation an operation with one result.
var (
	argument  = regexp.MustCompile(`^(%[\w.]+): (tensor<[^<>]*>)$`)
	operation = regexp.MustCompile(`^    (%\w+) = "[\w.]+"\(([^()]*)\)`)
)

// Alias returns a program, given in go-xla's StableHLO, in which every updated variable names the output that takes its
// memory: the output of the same shape and dtype that the fewest operations, at most 5, compute from the variable. Results
// stay the same: XLA copies values that are still read, and variables that the caller does not donate.
//
// It returns the program itself if no variable is updated, if go-xla did not write the text, or if inputs have attributes
// already, such as shardings.
func Alias(program []byte) []byte {
	before, rest, found := bytes.Cut(program, []byte(mainStart))
	if !found {
		return program
	}
	signature, body, _ := strings.Cut(string(rest), " {\n")
	body, _, whole := strings.Cut(body, mainEnd)
	inputs, outputTypes, found := strings.Cut(signature, resultType)
	if !found || !whole {
		return program
	}
	arguments := strings.Split(inputs, ", ")
	types := map[string]string{} // of the variables without an output so far
	for _, a := range arguments {
		m := argument.FindStringSubmatch(a)
		if m == nil {
			return program
		}
		if strings.HasPrefix(m[1], variable) {
			types[m[1]] = m[2]
		}
	}
	operands := map[string][]string{}
	var outputs []string
	for line := range strings.Lines(body) {
		if m := operation.FindStringSubmatch(line); m != nil {
			operands[m[1]] = strings.Split(m[2], ", ")
		} else if values, found := strings.CutPrefix(line, returns); found {
			values, _, _ = strings.Cut(values, ")")
			outputs = strings.Split(values, ", ")
		}
	}
	shapes := strings.Split(strings.Trim(outputTypes, "()"), ", ")
	if len(shapes) != len(outputs) {
		return program
	}
	places := map[string]int{}
	for i, output := range outputs {
		if name := nearest(output, shapes[i], types, operands); name != "" {
			places[name] = i
			delete(types, name)
		}
	}
	if len(places) == 0 {
		return program
	}
	for i, a := range arguments {
		name, _, _ := strings.Cut(a, ":")
		if place, found := places[name]; found {
			arguments[i] += fmt.Sprintf(aliasing, place)
		}
	}
	return slices.Concat(before, []byte(mainStart), []byte(strings.Join(arguments, ", ")), rest[len(inputs):])
}

// nearest returns the name of the variable of a type from which the fewest operations compute a value, or "".
func nearest(value, ofType string, types map[string]string, operands map[string][]string) string {
	level := []string{value}
	for range depth {
		var next []string
		for _, v := range level {
			for _, name := range operands[v] {
				if types[name] == ofType {
					return name
				}
				if !slices.Contains(next, name) {
					next = append(next, name)
				}
			}
		}
		level = next
	}
	return ""
}
