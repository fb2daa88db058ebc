package cache

import (
	"bytes"
	"slices"
	"testing"
)

func TestEntry(t *testing.T) {
	k := key{1, 2, 3}
	for _, payload := range [][]byte{nil, {0}, []byte("machine code")} {
		entry := append(header(k, payload), payload...)
		got, err := parse(entry, k)
		if err != nil || !bytes.Equal(got, payload) {
			t.Fatalf("entry of %q gives %q, %v", payload, got, err)
		}
		for i := range entry { // Every single byte counts.
			damaged := slices.Clone(entry)
			damaged[i] ^= 0x10
			if got, err := parse(damaged, k); err == nil {
				t.Errorf("entry of %q with byte %d changed gives %q", payload, i, got)
			}
			if got, err := parse(entry[:i], k); err == nil {
				t.Errorf("first %d bytes of the entry of %q give %q", i, payload, got)
			}
		}
		if got, err := parse(append(entry, 0), k); err == nil {
			t.Errorf("entry of %q with a byte behind it gives %q", payload, got)
		}
		if got, err := parse(entry, key{1, 2, 4}); err == nil {
			t.Errorf("entry of another key gives %q", got)
		}
	}
}

// FuzzParse: parse accepts a file only if it was written under the same key.
func FuzzParse(f *testing.F) {
	k := key{7}
	whole := append(header(k, []byte("payload")), "payload"...)
	for _, data := range [][]byte{nil, []byte(magic), whole, whole[:headerSize], append(slices.Clone(whole), 1), bytes.Repeat([]byte{0xff}, 200)} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		payload, err := parse(data, k)
		if err == nil && !bytes.Equal(data, append(header(k, payload), payload...)) {
			t.Errorf("%x passes for an entry with the payload %x", data, payload)
		}
	})
}
