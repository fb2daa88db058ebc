package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// printable writes text for people. It escapes control characters, which names of
// files and folders may contain and which a terminal would obey. A line break, a tab
// and a carriage return at the end of a write remain. The escapes are valid in JSON.
type printable struct{ io.Writer }

// Write implements io.Writer.
func (p printable) Write(text []byte) (int, error) {
	s, end := string(text), ""
	if strings.HasSuffix(s, "\r") { // a line of progress, which the next one replaces
		s, end = s[:len(s)-1], "\r"
	}
	if _, err := io.WriteString(p.Writer, escapeControls(s)+end); err != nil {
		return 0, err
	}
	return len(text), nil
}

// escapeControls replaces control characters, and characters that change the
// direction of text, by escapes such as \u001b.
func escapeControls(s string) string {
	obeyed := func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
	}
	if strings.IndexFunc(s, obeyed) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s) // a byte that is not UTF-8 may be part of a character that two writes share
		if obeyed(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

// terminalOf returns the terminal that a command's output goes to, or nil and false
// if it goes elsewhere.
func terminalOf(out io.Writer) (*os.File, bool) {
	if p, ok := out.(printable); ok {
		out = p.Writer
	}
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, false
	}
	return f, true
}
