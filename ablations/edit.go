package ablations

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/experiments"
)

// ErrChangesNothing is wrapped by the error of an edit to what is there already.
var ErrChangesNothing = errors.New("the edit changes nothing")

// Edit sets one field of a configuration.
type Edit struct {
	// Field is the field's path in the configuration's JSON, such as
	// "norm_options.gate_min".
	Field string `json:"field"`
	// Value is the field's new value. For a field that is a struct it may be a map
	// of some of its fields, for settings that mean something only together: a
	// share of the own statistics, for one, when there are no gates.
	Value any `json:"value"`
}

// String is the edit as a line can hold it.
func (e Edit) String() string {
	value, err := json.Marshal(e.Value)
	if err != nil {
		return fmt.Sprintf("%s=%v", e.Field, e.Value)
	}
	return e.Field + "=" + string(value)
}

// Apply returns a configuration with the edit; c stays as it is. It is an error
// if there is no such field, the value does not fit it, or nothing changes.
func (e Edit) Apply(c experiments.Config) (experiments.Config, error) {
	if e.Field == "" {
		return c, errors.New("the edit names no field")
	}
	edited, err := clone(c)
	if err != nil {
		return c, err
	}
	patch := e.Value
	names := strings.Split(e.Field, ".")
	for _, name := range slices.Backward(names) {
		patch = map[string]any{name: patch}
	}
	data, err := json.Marshal(patch)
	if err != nil {
		return c, fmt.Errorf("edit %s: %w", e.Field, err)
	}
	if err := decode(data, &edited); err != nil {
		return c, fmt.Errorf("edit %s: %w", e, err)
	}
	if len(Changes(c, edited)) == 0 {
		return c, fmt.Errorf("edit %s: %w", e, ErrChangesNothing)
	}
	return edited, nil
}

// decode reads JSON over what c is; fields that there are not are an error.
func decode(data []byte, c *experiments.Config) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(c)
}

// clone copies a configuration with all that it points to.
func clone(c experiments.Config) (experiments.Config, error) {
	var out experiments.Config
	data, err := json.Marshal(c)
	if err == nil {
		err = decode(data, &out)
	}
	if err != nil {
		return out, fmt.Errorf("configuration: %w", err)
	}
	return out, nil
}

// Changes lists the fields that two configurations differ in, in order of name:
// paths in JSON of values that are not structs.
func Changes(a, b experiments.Config) []string {
	x, y := leaves(a), leaves(b)
	all := maps.Clone(x)
	maps.Copy(all, y)
	var changed []string
	for _, path := range slices.Sorted(maps.Keys(all)) {
		if !reflect.DeepEqual(x[path], y[path]) {
			changed = append(changed, path)
		}
	}
	return changed
}

// leaves are the values of a configuration's JSON, by path.
func leaves(c experiments.Config) map[string]any {
	var tree map[string]any
	data, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(data, &tree)
	}
	if err != nil {
		panic(err) // a Config holds nothing that has no JSON
	}
	found := make(map[string]any)
	var walk func(prefix string, tree map[string]any)
	walk = func(prefix string, tree map[string]any) {
		for name, value := range tree {
			if below, ok := value.(map[string]any); ok {
				walk(prefix+name+".", below)
			} else {
				found[prefix+name] = value
			}
		}
	}
	walk("", tree)
	return found
}
