package golden

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// decode fills dst, a pointer to a struct, from a JSON object. Unlike
// json.Unmarshal it names the field in every error and refuses missing keys,
// repeated keys and nulls. A field tagged "omitempty" may be missing; keys
// without a field are ignored. An [Array] may be written as a plain number.
//
// decode reads one value after another and stops at the first bad one, so memory
// stays within a small multiple of the input.
func decode(data []byte, dst any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	return decodeValue(dec, "", reflect.ValueOf(dst).Elem())
}

var (
	errMissing  = errors.New("the key is missing")
	errRepeated = errors.New("the key is repeated")
	errNull     = errors.New("null where a value is expected")
)

// selfDecoder is a value whose keys depend on its contents.
type selfDecoder interface {
	decode(dec *json.Decoder, path string) error
}

func decodeValue(dec *json.Decoder, path string, dst reflect.Value) error {
	switch value := dst.Addr().Interface().(type) {
	case *Array:
		return decodeArray(dec, path, value)
	case selfDecoder:
		return value.decode(dec, path)
	case json.Unmarshaler:
		return decodeLeaf(dec, path, dst)
	}
	switch {
	case dst.Kind() == reflect.Struct:
		if err := expectDelim(dec, path, '{', "an object"); err != nil {
			return err
		}
		return decodeStruct(dec, path, dst)
	case dst.Kind() == reflect.Map:
		return decodeMap(dec, path, dst)
	case dst.Kind() == reflect.Slice && (dst.Type().Elem().Kind() == reflect.Struct || dst.Type().Elem().Kind() == reflect.Map):
		return decodeSlice(dec, path, dst)
	default:
		return decodeLeaf(dec, path, dst)
	}
}

// decodeArray reads {"shape": …, "data": …}, or a number as an array without axes.
func decodeArray(dec *json.Decoder, path string, dst *Array) error {
	token, err := dec.Token()
	if err != nil {
		return fieldError(path, err)
	}
	switch value := token.(type) {
	case float64:
		*dst = Array{Data: []float64{value}}
		return nil
	case json.Delim:
		if value == '{' {
			if err := decodeStruct(dec, path, reflect.ValueOf(dst).Elem()); err != nil {
				return err
			}
			return fieldError(path, dst.validate())
		}
	}
	return fieldError(path, fmt.Errorf("got %s, expected an array (an object) or a number", describe(token)))
}

// decodeStruct reads the members of an object whose brace has been read.
func decodeStruct(dec *json.Decoder, path string, dst reflect.Value) error {
	fields := make(map[string]int)
	required := make(map[string]bool)
	var order []string
	for i := range dst.NumField() {
		name, options, _ := strings.Cut(dst.Type().Field(i).Tag.Get("json"), ",")
		fields[name] = i
		required[name] = options != "omitempty"
		order = append(order, name)
	}
	seen := make(map[string]bool)
	err := decodeMembers(dec, path, func(key string) error {
		i, known := fields[key]
		if !known {
			return skipValue(dec)
		}
		if seen[key] {
			return fieldError(join(path, key), errRepeated)
		}
		seen[key] = true
		return decodeValue(dec, join(path, key), dst.Field(i))
	})
	if err != nil {
		return err
	}
	for _, name := range order {
		if required[name] && !seen[name] {
			return fieldError(join(path, name), errMissing)
		}
	}
	return nil
}

func decodeMap(dec *json.Decoder, path string, dst reflect.Value) error {
	dst.Set(reflect.MakeMap(dst.Type()))
	return decodeObject(dec, path, func(key string) error {
		name := reflect.ValueOf(key)
		if dst.MapIndex(name).IsValid() {
			return fieldError(join(path, key), errRepeated)
		}
		value := reflect.New(dst.Type().Elem()).Elem()
		if err := decodeValue(dec, join(path, key), value); err != nil {
			return err
		}
		dst.SetMapIndex(name, value)
		return nil
	})
}

// decodeObject reads one object and calls value to read the value of each key.
func decodeObject(dec *json.Decoder, path string, value func(key string) error) error {
	if err := expectDelim(dec, path, '{', "an object"); err != nil {
		return err
	}
	return decodeMembers(dec, path, value)
}

// decodeMembers reads the rest of an object whose brace has been read.
func decodeMembers(dec *json.Decoder, path string, value func(key string) error) error {
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return fieldError(path, err)
		}
		key, ok := token.(string)
		if !ok {
			return fieldError(path, fmt.Errorf("got %v, expected a key", token))
		}
		if err := value(key); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return fieldError(path, err)
}

func decodeSlice(dec *json.Decoder, path string, dst reflect.Value) error {
	if err := expectDelim(dec, path, '[', "a list"); err != nil {
		return err
	}
	for i := 0; dec.More(); i++ {
		value := reflect.New(dst.Type().Elem()).Elem()
		if err := decodeValue(dec, fmt.Sprintf("%s[%d]", path, i), value); err != nil {
			return err
		}
		dst.Set(reflect.Append(dst, value))
	}
	_, err := dec.Token()
	return fieldError(path, err)
}

func decodeLeaf(dec *json.Decoder, path string, dst reflect.Value) error {
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return fieldError(path, err)
	}
	holdsText := dst.Kind() == reflect.String
	if string(raw) == "null" || (!holdsText && bytes.Contains(raw, []byte("null"))) {
		return fieldError(path, errNull)
	}
	return fieldError(path, json.Unmarshal(raw, dst.Addr().Interface()))
}

func skipValue(dec *json.Decoder) error {
	var raw json.RawMessage
	return dec.Decode(&raw)
}

func expectDelim(dec *json.Decoder, path string, want json.Delim, what string) error {
	token, err := dec.Token()
	if err != nil {
		return fieldError(path, err)
	}
	if token != want {
		return fieldError(path, fmt.Errorf("got %s, expected %s", describe(token), what))
	}
	return nil
}

func describe(token json.Token) string {
	switch v := token.(type) {
	case nil:
		return "null"
	case json.Delim:
		return string(v)
	case string:
		return fmt.Sprintf("%.40q", v)
	default:
		return fmt.Sprint(v)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// fieldError prefixes err with the field; nil stays nil.
func fieldError(path string, err error) error {
	if err == nil || path == "" {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}
