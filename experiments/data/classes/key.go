package classes

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Key returns the form of a class name that is equal for all spellings of the name;
// see the package comment. A name that is not UTF-8, or that consists of separators
// only, is its own key.
func Key(name string) string {
	if !utf8.ValidString(name) {
		return name
	}
	bare := withoutSeparators(name)
	if bare == "" {
		return name
	}
	// Unicode's canonical caseless matching (The Unicode Standard, D145).
	return norm.NFD.String(cases.Fold().String(norm.NFD.String(bare)))
}

// withoutSeparators removes separators and the leading zeros of whole numbers. A
// separator between digits becomes an underscore.
func withoutSeparators(name string) string {
	out := make([]byte, 0, len(name))
	separated := false // a separator follows the last character of out
	for i := 0; i < len(name); {
		if n := digits(name[i:]); n > 0 {
			switch {
			case i == 1 && name[0] == '-':
				out = append(out, '-')
			case separated && len(out) > 0 && isDigit(out[len(out)-1]):
				out = append(out, '_')
			}
			number := name[i : i+n]
			if !beginsFraction(out) {
				number = whole(number)
			}
			out = append(out, number...)
			i, separated = i+n, false
			continue
		}
		r, size := utf8.DecodeRuneInString(name[i:])
		if separated = isSeparator(r); !separated {
			out = append(out, name[i:i+size]...)
		}
		i += size
	}
	return string(out)
}

// isSeparator reports whether names are written with or without a character.
func isSeparator(r rune) bool {
	return r == '_' || unicode.IsSpace(r) || unicode.Is(unicode.Pd, r)
}

// isDigit reports whether a byte is an ASCII digit.
func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// digits returns the number of ASCII digits that text begins with.
func digits(text string) int { return len(text) - len(strings.TrimLeft(text, "0123456789")) }

// whole removes the leading zeros of a whole number.
func whole(number string) string {
	if short := strings.TrimLeft(number, "0"); short != "" {
		return short
	}
	return number[len(number)-1:]
}

// beginsFraction reports whether digits after text are decimal places: text ends in
// a digit and a point.
func beginsFraction[T string | []byte](text T) bool {
	n := len(text)
	return n >= 2 && text[n-1] == '.' && isDigit(text[n-2])
}
