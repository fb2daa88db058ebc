package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// ErrChangesNothing is wrapped by the error of an edit that leaves the
// configuration as it is.
var ErrChangesNothing = errors.New("the edit changes nothing")

// Edit sets one field of a configuration.
type Edit struct {
	// Field is the field's path in the configuration's JSON, such as
	// "norm_options.gate_min".
	Field string `json:"field"`
	// Value is the field's new value. For a struct it may be a map with some of its
	// fields, for settings that only make sense together: a fixed share of the own
	// statistics, for example, needs aggregation switched off.
	Value any `json:"value"`
}

// ParseEdit reads FIELD=VALUE. VALUE is JSON, or a string without quotes.
func ParseEdit(text string) (Edit, error) {
	field, written, ok := strings.Cut(text, "=")
	if !ok {
		return Edit{}, fmt.Errorf("%s: want FIELD=VALUE", text)
	}
	var value any
	if err := json.Unmarshal([]byte(written), &value); err != nil {
		value = written
	}
	return Edit{Field: field, Value: value}, nil
}

// String returns FIELD=VALUE with the value as JSON.
func (e Edit) String() string {
	value, err := json.Marshal(e.Value)
	if err != nil {
		return fmt.Sprintf("%s=%v", e.Field, e.Value)
	}
	return e.Field + "=" + string(value)
}

// Apply returns an edited copy of c. The error says whether the field is unknown
// or the value does not fit it; it wraps [ErrChangesNothing] if the copy equals c.
func (e Edit) Apply(c Config) (Config, error) {
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

// Set is [Edit.Apply] for an edit that may change nothing.
func (e Edit) Set(c Config) (Config, error) {
	edited, err := e.Apply(c)
	if errors.Is(err, ErrChangesNothing) {
		return c, nil
	}
	return edited, err
}

// decode reads JSON over the values of c and refuses unknown fields.
func decode(data []byte, c *Config) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(c)
}

// clone returns a deep copy.
func clone(c Config) (Config, error) {
	var out Config
	data, err := json.Marshal(c)
	if err == nil {
		err = decode(data, &out)
	}
	if err != nil {
		return out, fmt.Errorf("configuration: %w", err)
	}
	return out, nil
}

// Field returns the value of a field by its path in JSON, such as
// "norm_options.gate_min", and nil for a path that the JSON lacks.
func (c Config) Field(path string) any {
	var value any = c.tree()
	for name := range strings.SplitSeq(path, ".") {
		fields, _ := value.(map[string]any)
		value = fields[name]
	}
	return value
}

// Changes lists the fields in which two configurations differ, sorted: the paths
// in JSON of values that are not structs.
func Changes(a, b Config) []string {
	x, y := a.leaves(), b.leaves()
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

// tree is the configuration's JSON, decoded.
func (c Config) tree() map[string]any {
	var tree map[string]any
	data, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(data, &tree)
	}
	if err != nil {
		panic(err) // every field of a Config has a JSON form
	}
	return tree
}

// leaves are the values of the configuration's JSON by path.
func (c Config) leaves() map[string]any {
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
	walk("", c.tree())
	return found
}
