package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"os"
	"runtime"
	"strings"

	"github.com/gomlx/go-xla/pjrt"
)

// mlir is the format of StableHLO.
const mlir = "mlir"

// program is what is compiled.
type program struct {
	format        string // mlir or "hlo": see pjrt_c_api.h
	code, options []byte
}

// key returns the key of a program on a machine.
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

// writePart writes a part of a key so that it cannot be taken for a part of its neighbours.
func writePart(h hash.Hash, part []byte) {
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(len(part)))
	h.Write(length[:])
	h.Write(part)
}

// uuidStart is what GoMLX puts before the random names of a metric's variables.
const uuidStart = "uuid_"

// uuidSize is the length of a UUID as text.
const uuidSize = 36

// writeWithoutUUIDs writes a program in StableHLO with the UUIDs in the names of its values replaced by numbers in the
// order in which they are met: GoMLX draws them anew in each process. The names of values (%name) mean nothing, and
// different ones stay different. UUIDs elsewhere, in texts or symbols, are kept.
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

// isUUID reports whether text is a UUID, with - or, as go-xla writes names, with _ between its parts.
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

// inValueName reports whether text ends within the name of a value.
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

// flags returns the text of what XLA reads as its flags: $XLA_FLAGS, or the file that it names.
func flags() string {
	text := os.Getenv("XLA_FLAGS")
	if name := strings.TrimSpace(text); name != "" && !strings.HasPrefix(name, "-") {
		if content, err := os.ReadFile(name); err == nil {
			text += "\n" + string(content)
		}
	}
	return text
}

// dumps reports whether XLA was asked to write down what it compiles: then it has to compile.
func dumps(flags string) bool {
	return strings.Contains(flags, "xla_dump") || strings.Contains(os.Getenv(pjrt.EnvXlaDebugOptions), "xla_dump")
}

// threads returns what XLA's CPU client takes the number of its threads from: how it splits work changes with it.
func threads() string { return fmt.Sprintf("%d %q", runtime.NumCPU(), os.Getenv("NPROC")) }
