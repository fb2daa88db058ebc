package weights

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// pickleArguments are the instructions that the pickle of a dictionary of tensors
// is made of (torch.save uses protocol 2), with the number of bytes that follow
// each, or how to find it.
var pickleArguments = map[byte]func(rest []byte) int{
	0x80: bytesAfter(1),   // PROTO
	'.':  bytesAfter(0),   // STOP
	'(':  bytesAfter(0),   // MARK
	'0':  bytesAfter(0),   // POP
	'N':  bytesAfter(0),   // NONE
	'J':  bytesAfter(4),   // BININT
	'K':  bytesAfter(1),   // BININT1
	'M':  bytesAfter(2),   // BININT2
	'G':  bytesAfter(8),   // BINFLOAT
	'}':  bytesAfter(0),   // EMPTY_DICT
	']':  bytesAfter(0),   // EMPTY_LIST
	')':  bytesAfter(0),   // EMPTY_TUPLE
	't':  bytesAfter(0),   // TUPLE
	0x85: bytesAfter(0),   // TUPLE1
	0x86: bytesAfter(0),   // TUPLE2
	0x87: bytesAfter(0),   // TUPLE3
	0x88: bytesAfter(0),   // NEWTRUE
	0x89: bytesAfter(0),   // NEWFALSE
	'a':  bytesAfter(0),   // APPEND
	'e':  bytesAfter(0),   // APPENDS
	's':  bytesAfter(0),   // SETITEM
	'u':  bytesAfter(0),   // SETITEMS
	'b':  bytesAfter(0),   // BUILD
	'R':  bytesAfter(0),   // REDUCE
	'Q':  bytesAfter(0),   // BINPERSID
	'q':  bytesAfter(1),   // BINPUT
	'r':  bytesAfter(4),   // LONG_BINPUT
	'h':  bytesAfter(1),   // BINGET
	'j':  bytesAfter(4),   // LONG_BINGET
	'X':  pickledString,   // BINUNICODE
	0x8a: pickledInteger,  // LONG1
	'c':  pickledTwoLines, // GLOBAL
}

// bytesAfter is an argument of n bytes.
func bytesAfter(n int) func([]byte) int { return func([]byte) int { return n } }

// pickledString is a length of 4 bytes, and the string.
func pickledString(rest []byte) int {
	if len(rest) < 4 {
		return 4
	}
	return 4 + int(binary.LittleEndian.Uint32(rest))
}

// pickledInteger is a length of 1 byte, and the integer.
func pickledInteger(rest []byte) int {
	if len(rest) < 1 {
		return 1
	}
	return 1 + int(rest[0])
}

// pickledTwoLines are the names of a module and of something in it.
func pickledTwoLines(rest []byte) int {
	first := bytes.IndexByte(rest, '\n') + 1
	second := bytes.IndexByte(rest[first:], '\n') + 1
	if first == 0 || second == 0 {
		return len(rest) + 1
	}
	return first + second
}

// maxPickle is more than any pickle of a ResNet's dictionary, of some 150 bytes a
// tensor: depth 152 has 932. The library takes up to some hundred bytes for each
// byte of it.
const maxPickle = 2 << 20

// maxRepeated is how many times its own size the strings of a pickle may have,
// each as often as it is referred to: the library's errors print what they are
// about.
const maxRepeated = 256

// checkPickle checks that a pickle consists of whole instructions that a
// dictionary of tensors needs. The library allocates what an instruction says
// that it needs before it looks for it.
func checkPickle(data []byte) error {
	if len(data) > maxPickle {
		return fmt.Errorf("its pickle has %d bytes, a dictionary of tensors at most %d: want what torch.save(model.state_dict(), path) writes", len(data), maxPickle)
	}
	longest, references := 0, 0 // string, and instructions that push what was made before
	for i := 0; i < len(data); {
		argument, ok := pickleArguments[data[i]]
		if !ok {
			return fmt.Errorf("its pickle has the instruction %#x at %d, which a dictionary of tensors does not need: want what torch.save(model.state_dict(), path) writes", data[i], i)
		}
		instruction := data[i]
		if instruction == '.' {
			return nil
		}
		i++
		n := argument(data[i:])
		if n > len(data)-i {
			return fmt.Errorf("its pickle ends within the instruction at %d", i-1)
		}
		i += n
		switch instruction {
		case 'X':
			longest = max(longest, n)
		case 'h', 'j':
			references++
		}
		if longest*references > maxRepeated*len(data) {
			return fmt.Errorf("its pickle refers %d times to what may be strings of %d bytes: want what torch.save(model.state_dict(), path) writes", references, longest)
		}
	}
	return fmt.Errorf("its pickle of %d bytes has no end", len(data))
}
