package weights

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// pickleArguments maps the instructions in the pickle of a dictionary of tensors
// (torch.save uses protocol 2) to functions that return the size of their arguments.
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

// bytesAfter is the size of an argument of n bytes.
func bytesAfter(n int) func([]byte) int { return func([]byte) int { return n } }

// pickledString is the size of a 4-byte length and a string.
func pickledString(rest []byte) int {
	if len(rest) < 4 {
		return 4
	}
	return 4 + int(binary.LittleEndian.Uint32(rest))
}

// pickledInteger is the size of a 1-byte length and an integer.
func pickledInteger(rest []byte) int {
	if len(rest) < 1 {
		return 1
	}
	return 1 + int(rest[0])
}

// pickledTwoLines is the size of two lines: a module and a name in it.
func pickledTwoLines(rest []byte) int {
	first := bytes.IndexByte(rest, '\n') + 1
	second := bytes.IndexByte(rest[first:], '\n') + 1
	if first == 0 || second == 0 {
		return len(rest) + 1
	}
	return first + second
}

// maxRepeated limits the strings of a pickle, counted as often as they are referred
// to, in multiples of its size: the library's errors print the values they are about.
const maxRepeated = 256

// pickleMarks returns how many instructions MARK a pickle of n bytes may have: the
// library makes a stack of 256 bytes for each. A tensor takes at least 60 bytes and up
// to four marks.
func pickleMarks(n int) int { return 64 + n/8 }

// checkPickle checks that a pickle consists of complete instructions that a dictionary
// of tensors needs. It must run before the library, which allocates whatever size an
// instruction claims.
func checkPickle(data []byte) error {
	if len(data) > maxDescription {
		return fmt.Errorf("the pickle has %d bytes, but a dictionary of tensors has at most %d: want what torch.save(model.state_dict(), path) writes", len(data), maxDescription)
	}
	longest, references := 0, 0 // longest string, and instructions that refer to earlier values
	marks := pickleMarks(len(data))
	for i := 0; i < len(data); {
		argument, ok := pickleArguments[data[i]]
		if !ok {
			return fmt.Errorf("the pickle has the instruction %#x at %d, which a dictionary of tensors does not need: want what torch.save(model.state_dict(), path) writes", data[i], i)
		}
		instruction := data[i]
		if instruction == '.' {
			return nil
		}
		i++
		n := argument(data[i:])
		if n > len(data)-i {
			return fmt.Errorf("the pickle ends within the instruction at %d", i-1)
		}
		i += n
		switch instruction {
		case 'X':
			longest = max(longest, n)
		case 'h', 'j':
			references++
		case '(':
			marks--
		}
		if marks < 0 {
			return fmt.Errorf("the pickle has more than %d marks: want what torch.save(model.state_dict(), path) writes", pickleMarks(len(data)))
		}
		if longest*references > maxRepeated*len(data) {
			return fmt.Errorf("the pickle refers %d times to values that may be strings of %d bytes: want what torch.save(model.state_dict(), path) writes", references, longest)
		}
	}
	return fmt.Errorf("the pickle of %d bytes has no end", len(data))
}
