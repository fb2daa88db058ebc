package golden

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Objective holds cases of one training objective, or of its schedules.
type Objective struct {
	Kind Kind `json:"kind"`
	// Objective names the group of formulas, such as "dann" or "schedules".
	Objective string `json:"objective"`
	// Note explains the formulas in words.
	Note string `json:"note"`
	// References are by the keys that the cases use.
	References map[string]Reference     `json:"references"`
	Cases      map[string]ObjectiveCase `json:"cases"`
}

// ObjectiveCase is one evaluation of a formula. Which inputs and results it has
// depends on the formula.
type ObjectiveCase struct {
	// Formula names what the file's note explains, such as "dann_tllib".
	Formula string
	// Reference is a key of [Objective.References].
	Reference string
	// Of names the term of a sum that the loss and the gradients belong to, if
	// the case is about one term.
	Of string
	// Values are the inputs, settings and results by key: arrays, numbers as
	// arrays without axes, lists of numbers as arrays of one axis. "loss" is the
	// loss and "grad_" plus the name of an input its gradient.
	Values Arrays
	// Flags are the settings that are true or false.
	Flags map[string]bool
	// Terms are the terms of the loss.
	Terms map[string]float64
	// Series are the lists that a schedule gives for each of several parts.
	Series map[string][]float64
}

const gradientPrefix = "grad_"

// gradients are the names of the inputs that have gradients, sorted.
func (c *ObjectiveCase) gradients() []string {
	var inputs []string
	for _, name := range slices.Sorted(maps.Keys(c.Values)) {
		if input, ok := strings.CutPrefix(name, gradientPrefix); ok {
			inputs = append(inputs, input)
		}
	}
	return inputs
}

// Array returns a value by its key, or an error that names the key.
func (c *ObjectiveCase) Array(key string) (Array, error) {
	a, ok := c.Values[key]
	if !ok {
		return Array{}, fieldError(key, errMissing)
	}
	return a, nil
}

// Number returns a value that is a single number.
func (c *ObjectiveCase) Number(key string) (float64, error) {
	a, err := c.Array(key)
	if err != nil {
		return 0, err
	}
	if err := checkShape(key, a, nil, "(a number)"); err != nil {
		return 0, err
	}
	return a.Data[0], nil
}

// decode reads every key by the type of its value.
func (c *ObjectiveCase) decode(dec *json.Decoder, path string) error {
	*c = ObjectiveCase{}
	var own []string // the keys seen that have a field of their own
	err := decodeObject(dec, path, func(key string) error {
		_, value := c.Values[key]
		_, flag := c.Flags[key]
		if value || flag || slices.Contains(own, key) {
			return fieldError(join(path, key), errRepeated)
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return fieldError(join(path, key), err)
		}
		isOwn, err := c.setField(key, raw)
		if isOwn {
			own = append(own, key)
		} else {
			err = c.set(key, raw)
		}
		if err != nil {
			return fieldError(join(path, key), err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, key := range []string{"formula", "reference"} {
		if !slices.Contains(own, key) {
			return fieldError(join(path, key), errMissing)
		}
	}
	return nil
}

// setField stores the value of a key that has a field of its own.
func (c *ObjectiveCase) setField(key string, raw json.RawMessage) (isOwn bool, err error) {
	switch key {
	case "formula":
		return true, json.Unmarshal(raw, &c.Formula)
	case "reference":
		return true, json.Unmarshal(raw, &c.Reference)
	case "of":
		return true, json.Unmarshal(raw, &c.Of)
	case "terms":
		return true, decode(raw, &c.Terms)
	case "values":
		if raw[0] == '{' {
			return true, decode(raw, &c.Series)
		}
	}
	return false, nil
}

// set stores a number, an array, a list of numbers or a flag.
func (c *ObjectiveCase) set(key string, raw json.RawMessage) error {
	var a Array
	var err error
	switch raw[0] {
	case '{':
		err = decode(raw, &a)
	case '[':
		a.Data, err = numbers(raw)
		a.Shape = []int{len(a.Data)}
	case 't', 'f':
		if c.Flags == nil {
			c.Flags = make(map[string]bool)
		}
		c.Flags[key] = raw[0] == 't'
		return nil
	case '"', 'n':
		return fmt.Errorf("got %.40s, expected an array, a number, a list of numbers, true or false", raw)
	default:
		a.Data = make([]float64, 1)
		a.Data[0], err = strconv.ParseFloat(string(raw), 64)
	}
	if c.Values == nil {
		c.Values = make(Arrays)
	}
	c.Values[key] = a
	return err
}

// numbers reads a list of numbers.
func numbers(raw json.RawMessage) ([]float64, error) {
	if bytes.Contains(raw, []byte("null")) {
		return nil, errNull
	}
	list := []float64{}
	if string(raw) == "[]" {
		return list, nil
	}
	err := json.Unmarshal(raw, &list)
	return list, err
}

// Validate checks references, and in every case gradients against inputs and the
// rows of each domain against one another.
func (o *Objective) Validate() error {
	err := firstError(
		check(o.Kind == KindObjective, "kind", "got %.40q, expected %q", o.Kind, KindObjective),
		check(o.Objective != "", "objective", "the text is empty"),
		validateReferences("references", o.References),
		checkNotEmpty("cases", len(o.Cases)),
	)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(o.Cases)) {
		c := o.Cases[name]
		if err := c.validate(o.References); err != nil {
			return fmt.Errorf("cases.%.40s.%w", name, err)
		}
	}
	return nil
}

func (c *ObjectiveCase) validate(references map[string]Reference) error {
	_, known := references[c.Reference]
	loss, hasLoss := c.Values["loss"]
	err := firstError(
		check(c.Formula != "", "formula", "the text is empty"),
		check(known, "reference", "%.40q is not a key of references", c.Reference),
		check(hasLoss == (len(c.gradients()) > 0), "loss", "a case has a loss and gradients, or neither"),
	)
	if err != nil {
		return err
	}
	if hasLoss {
		if err := checkShape("loss", loss, nil, "(a number)"); err != nil {
			return err
		}
	}
	for _, input := range c.gradients() {
		a, err := c.Array(input)
		if err != nil {
			return err
		}
		if err := checkShape(gradientPrefix+input, c.Values[gradientPrefix+input], a.Shape, "as "+input); err != nil {
			return err
		}
	}
	return firstError(c.validateRows("source"), c.validateRows("target"), c.validateRows("middle"), c.validateSchedule())
}

// validateRows checks that the arrays of a domain have as many rows.
func (c *ObjectiveCase) validateRows(domain string) error {
	rows, from := -1, ""
	for _, suffix := range []string{"_features", "_logits", "_logits1", "_logits2", "_weights", "_labels"} {
		key := domain + suffix
		a, ok := c.Values[key]
		if !ok {
			continue
		}
		if rank := map[bool]int{true: 1, false: 2}[suffix == "_weights" || suffix == "_labels"]; len(a.Shape) != rank || a.Shape[0] == 0 {
			return fmt.Errorf("%s.shape: got %v, expected %d axes and at least one row", key, a.Shape, rank)
		}
		if rows >= 0 && a.Shape[0] != rows {
			return fmt.Errorf("%s.shape: got %v, expected the %d rows of %s", key, a.Shape, rows, from)
		}
		rows, from = a.Shape[0], key
	}
	labels, ok := c.Values[domain+"_labels"]
	if !ok {
		return nil
	}
	classes := math.MaxInt32
	if logits, ok := c.Values[domain+"_logits"]; ok {
		classes = logits.Shape[1]
	}
	for i, label := range labels.Data {
		if label != math.Trunc(label) || label < 0 || label >= float64(classes) {
			return fmt.Errorf("%s_labels[%d]: got %v, expected a class below %d", domain, i, label, classes)
		}
	}
	return nil
}

// validateSchedule checks that a schedule has a value for every iteration.
func (c *ObjectiveCase) validateSchedule() error {
	iterations, ok := c.Values["iterations"]
	if !ok {
		return nil
	}
	for i, v := range iterations.Data {
		if v != math.Trunc(v) || v < 0 || v > math.MaxInt32 {
			return fmt.Errorf("iterations[%d]: got %v, expected a whole number from 0", i, v)
		}
	}
	if values, ok := c.Values["values"]; ok && len(values.Data) != len(iterations.Data) {
		return fmt.Errorf("values: got %d numbers for %d iterations", len(values.Data), len(iterations.Data))
	}
	for _, part := range slices.Sorted(maps.Keys(c.Series)) {
		if len(c.Series[part]) != len(iterations.Data) {
			return fmt.Errorf("values.%.40s: got %d numbers for %d iterations", part, len(c.Series[part]), len(iterations.Data))
		}
	}
	return nil
}
