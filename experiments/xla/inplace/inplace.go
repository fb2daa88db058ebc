// Package inplace has XLA write what a program updates over what it was: the values
// of variables, such as weights and their momentum, that a training step takes and
// returns anew.
//
// GoMLX gives such values away when it executes a program ("donates" their buffers),
// but the program must also say which output takes whose memory, which GoMLX v0.28
// and go-xla v0.4 do not. Without, every output gets memory of its own while the old
// value is still there.
package inplace

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// depth is how many operations back from an output its old value is looked for. An
// updated weight is one operation from the old one, a momentum two, a gate that is
// clipped four.
const depth = 5

// What go-xla v0.4 writes.
const (
	mainStart  = "  func.func @main("
	mainEnd    = "\n  }\n"
	returns    = "    \"stablehlo.return\"("
	variable   = "%_" // GoMLX's names of variables are paths
	aliasing   = " {tf.aliasing_output = %d : i32}"
	resultType = ") -> "
)

// One argument of a function, without attributes, and one operation with one result.
var (
	argument  = regexp.MustCompile(`^(%[\w.]+): (tensor<[^<>]*>)$`)
	operation = regexp.MustCompile(`^    (%\w+) = "[\w.]+"\(([^()]*)\)`)
)

// Alias returns a program in go-xla's StableHLO in which variables say which output
// takes their memory: the one of the same shape and dtype that is computed from them
// by the fewest operations, up to 5. Results are the same: XLA copies what is still
// read, and a variable that is not given away when the program is executed.
//
// It returns the program itself where there is nothing to say, and where the text is
// not as go-xla writes it or its inputs have attributes already, such as shardings.
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
	types := map[string]string{} // of variables that have no output yet
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

// nearest returns the name of the variable of a type that a value is computed from by
// the fewest operations, "" if there is none.
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
