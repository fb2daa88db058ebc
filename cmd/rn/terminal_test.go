package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPrintable: control characters are escaped, everything else remains, whole or
// in pieces.
func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"plain, two\nlines\tand a tab": "plain, two\nlines\tand a tab",
		"\x1b[31mred\x07":              `\u001b[31mred\u0007`,
		"C1 \u009b2J":                  `C1 \u009b2J`,
		"over\rwritten":                `over\u000dwritten`,
		"3 of 4 \r":                    "3 of 4 \r",
		"abc\u202egpj.exe":             `abc\u202egpj.exe`,
		"µ̃ → é, \xff":                 "µ̃ → é, \xff",
	} {
		var out bytes.Buffer
		if n, err := (printable{&out}).Write([]byte(text)); n != len(text) || err != nil || out.String() != want {
			t.Errorf("%q is written as %q, want %q; %d bytes, %v", text, out.String(), want, n, err)
		}
	}
	var out bytes.Buffer
	for _, b := range []byte("é→\x1b") {
		if _, err := (printable{&out}).Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	if want := `é→\u001b`; out.String() != want {
		t.Errorf("byte by byte: %q, want %q", out.String(), want)
	}
}

// TestNamesReachTerminalEscaped: names of files and folders are printed without the
// control characters that they contain.
func TestNamesReachTerminalEscaped(t *testing.T) {
	const evil = "\x1b]0;owned\x07"
	root := t.TempDir()
	for _, class := range []string{"one", evil} {
		for _, domain := range []string{"a", "b" + evil} {
			dir := filepath.Join(root, domain, class)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Skip(err) // a file system that refuses such names
			}
			var picture bytes.Buffer
			if err := jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
				t.Fatal(err)
			}
			for name, data := range map[string][]byte{"good.jpg": picture.Bytes(), "broken" + evil + ".jpg": []byte("no JPEG")} {
				if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, args := range [][]string{
		{"data", "check", "custom", "--root", root},
		{"data", "check", "custom", "--root", filepath.Join(root, evil)},
		{"train", "--recipe", "custom", "--root", root, "--source", "a", "--target", "c" + evil, "--out", t.TempDir(), "--backend", "xla:cpu"},
		{"train", "--norm", evil},
		{evil},
	} {
		_, stdout, stderr := call(args...)
		if text := stdout + stderr; strings.ContainsAny(text, "\x1b\x07") || !strings.Contains(text, `\u001b]0;owned\u0007`) && !strings.Contains(text, `\x1b]0;owned\a`) {
			t.Errorf("rn %q prints %q", args, text)
		}
	}
}
