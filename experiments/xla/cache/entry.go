package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// An entry is a header followed by a payload:
//
//	offset  size  content
//	     0     8  "XLACACHE"
//	     8     4  formatVersion, in little endian like all numbers
//	    12    32  key
//	    44     8  length of the payload
//	    52    32  sha256 of the 52 bytes before it and the payload
//	    84        payload
const (
	magic         = "XLACACHE"
	formatVersion = 1
	sumAt         = len(magic) + 4 + sha256.Size + 8
	headerSize    = sumAt + sha256.Size
)

// key names an entry.
type key [sha256.Size]byte

// errForeign is the error about a file that is not an entry of this version and key.
var errForeign = errors.New("not an entry of this cache")

// header returns the header of the entry of a key and a payload.
func header(k key, payload []byte) []byte {
	h := make([]byte, 0, headerSize)
	h = append(h, magic...)
	h = binary.LittleEndian.AppendUint32(h, formatVersion)
	h = append(h, k[:]...)
	h = binary.LittleEndian.AppendUint64(h, uint64(len(payload)))
	return append(h, sum(h, payload)...)
}

// sum returns the checksum of an entry with the first bytes of its header.
func sum(start, payload []byte) []byte {
	hash := sha256.New()
	hash.Write(start)
	hash.Write(payload)
	return hash.Sum(nil)
}

// parse returns the payload of the entry of a key. It shares memory with data.
func parse(data []byte, k key) ([]byte, error) {
	if len(data) < headerSize || string(data[:len(magic)]) != magic {
		return nil, errForeign
	}
	rest := data[len(magic):]
	if version := binary.LittleEndian.Uint32(rest); version != formatVersion {
		return nil, fmt.Errorf("%w: version %d, not %d", errForeign, version, formatVersion)
	}
	if rest = rest[4:]; !bytes.Equal(rest[:len(k)], k[:]) {
		return nil, fmt.Errorf("%w: it has another key", errForeign)
	}
	payload := data[headerSize:]
	if length := binary.LittleEndian.Uint64(rest[len(k):]); length != uint64(len(payload)) {
		return nil, fmt.Errorf("damaged entry: %d bytes, want %d", len(payload), length)
	}
	if !bytes.Equal(data[sumAt:headerSize], sum(data[:sumAt], payload)) {
		return nil, errors.New("damaged entry: its checksum does not match")
	}
	return payload, nil
}
