package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
)

// mlir is the format of StableHLO.
const mlir = "mlir"

// program is the input of the compiler.
type program struct {
	format        string // mlir or "hlo", see PJRT_Program in pjrt_c_api.h
	code, options []byte
}

// key returns the key of a program on a machine, which includes the compiler.
func (p program) key(machine string) key {
	h := sha256.New()
	for _, part := range []string{fmt.Sprint(formatVersion), machine, p.format} {
		writePart(h, []byte(part))
	}
	writePart(h, p.options)
	if p.format == mlir {
		writeWithoutUUIDs(h, p.code)
	} else {
		h.Write(p.code)
	}
	return key(h.Sum(nil))
}

// writePart writes a part of a key after its length, so that it cannot run into the next part.
func writePart(h hash.Hash, part []byte) {
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(len(part)))
	h.Write(length[:])
	h.Write(part)
}

// uuidStart stands before the UUIDs that GoMLX puts into the names of a metric's variables.
const uuidStart = "uuid_"

// uuidSize is the length of a UUID as text.
const uuidSize = 36

// writeWithoutUUIDs writes a program in StableHLO with the UUIDs in the names of its values replaced by their order of
// appearance: GoMLX draws them anew in each process. The names of values (%name) mean nothing, and different names stay
// different. UUIDs elsewhere, in texts or symbols, are kept.
func writeWithoutUUIDs(h hash.Hash, code []byte) {
	var number [8]byte
	seen := map[string]uint64{}
	for from := 0; ; {
		i := bytes.Index(code[from:], []byte(uuidStart))
		if i < 0 {
			writePart(h, code)
			return
		}
		start := from + i + len(uuidStart)
		if start+uuidSize > len(code) || !isUUID(code[start:start+uuidSize]) || !inValueName(code[:start]) {
			from = start
			continue
		}
		uuid := string(code[start : start+uuidSize])
		n, known := seen[uuid]
		if !known {
			n = uint64(len(seen))
			seen[uuid] = n
		}
		writePart(h, code[:start])
		binary.LittleEndian.PutUint64(number[:], n)
		h.Write(number[:])
		code, from = code[start+uuidSize:], 0
	}
}

// isUUID reports whether text is a UUID with hyphens or, as go-xla writes names, underscores between its parts.
func isUUID(text []byte) bool {
	for i, c := range text {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' && c != '_' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}

// inValueName reports whether the end of text is inside the name of a value.
func inValueName(text []byte) bool {
	for i := len(text) - 1; i >= 0; i-- {
		switch c := text[i]; {
		case c == '%':
			return true
		case c == '_' || c == '-' || c == '.' || c == '$' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		default:
			return false
		}
	}
	return false
}
