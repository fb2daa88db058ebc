// Package checksum protects the JSON objects that the program writes and reads back.
//
// The last field of a protected object is "checksum", the sha256 of the object's text
// without that field: of {"a":1} for
//
//	{"a":1,"checksum":"sha256:…"}
//
// Readers that do not know the field ignore it.
package checksum

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrMissing is the error of an object without a checksum: older versions of the
// program wrote none.
var ErrMissing = errors.New("no checksum: an older version wrote it, so damage would go unnoticed")

// errDamaged is the error of an object that differs from the one written.
var errDamaged = errors.New("damaged: the checksum and the content do not match")

// The field is fieldStart, the sha256 in hexadecimal, and fieldEnd.
const (
	fieldStart = `,"checksum":"sha256:`
	fieldEnd   = `"}`
	fieldSize  = len(fieldStart) + 2*sha256.Size + len(fieldEnd)
)

// marks are parts of fieldStart. Either shows that an object had a checksum, even if
// the other is damaged.
var marks = [][]byte{[]byte("checksum"), []byte("sha256:")}

// marksWithin is how far from the end of the text the marks are looked for: the
// field, and some room for bytes that slipped in.
const marksWithin = fieldSize + 8

// Marshal returns the JSON of a value with a checksum. The value's JSON must be an
// object with at least one field.
func Marshal(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	if len(text) <= len("{}") || text[0] != '{' {
		return nil, fmt.Errorf("a %T is not a JSON object with fields, so it cannot carry a checksum", value)
	}
	sum := sha256.Sum256(text)
	return append(text[:len(text)-1], fieldStart+hex.EncodeToString(sum[:])+fieldEnd...), nil
}

// Verify compares the text of a JSON object, which may end in white space, with its
// checksum. The error is [ErrMissing] if there is no checksum.
func Verify(text []byte) error {
	text = bytes.TrimRight(text, " \t\r\n")
	if at := len(text) - fieldSize; at > 0 {
		field := text[at:]
		if bytes.HasPrefix(field, []byte(fieldStart)) && bytes.HasSuffix(field, []byte(fieldEnd)) {
			hash := sha256.New()
			hash.Write(text[:at])
			hash.Write([]byte("}"))
			if want := field[len(fieldStart) : fieldSize-len(fieldEnd)]; hex.EncodeToString(hash.Sum(nil)) != string(want) {
				return errDamaged
			}
			return nil
		}
	}
	end := text[max(0, len(text)-marksWithin):]
	for _, mark := range marks {
		if bytes.Contains(end, mark) {
			return errDamaged
		}
	}
	return ErrMissing
}

// Unmarshal verifies the text of a JSON object and parses it into a value. An object
// without a checksum is parsed too; checked says whether there was one.
func Unmarshal(text []byte, value any) (checked bool, err error) {
	err = Verify(text)
	if err != nil && !errors.Is(err, ErrMissing) {
		return false, err
	}
	return err == nil, json.Unmarshal(text, value)
}
