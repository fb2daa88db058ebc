package digits

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/internal/bounded"
)

// uspsLine returns a line of the USPS format: the label, the given values, and −1 up to 256 values.
func uspsLine(label string, values ...string) string {
	for len(values) < uspsSide*uspsSide {
		values = append(values, "-1")
	}
	return label + " " + strings.Join(values, " ") + " \n"
}

// uciLine returns a line of the UCI format: the given values, 0 up to 64 values, and the label.
func uciLine(label string, values ...string) string {
	for len(values) < uciSide*uciSide {
		values = append(values, "0")
	}
	return strings.Join(values, ",") + "," + label + "\n"
}

// textReader is readUSPS or readUCI.
type textReader func(name string, r io.Reader) (*Images, error)

func TestReadText(t *testing.T) {
	tests := []struct {
		name    string
		read    textReader
		content string
		want    []float32 // the first pixels of the first image
		labels  []int32
	}{
		{"usps", readUSPS, uspsLine("6.0000", "1", "-1.0000", "0", "0.5") + uspsLine("0"), []float32{1, 0, 0.5, 0.75, 0}, []int32{6, 0}},
		{"usps, no last newline", readUSPS, strings.TrimSpace(uspsLine("9", "0.5")), []float32{0.75}, []int32{9}},
		{"usps, CRLF", readUSPS, strings.ReplaceAll(uspsLine("1"), "\n", "\r\n"), []float32{0}, []int32{1}},
		{"uci", readUCI, uciLine("8", "16", "0", "4", "1") + uciLine("0"), []float32{1, 0, 0.25, 0.0625, 0}, []int32{8, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, content := range [][]byte{[]byte(tt.content), gzipped(t, []byte(tt.content))} {
				im, err := tt.read("file", bytes.NewReader(content))
				if err != nil {
					t.Fatal(err)
				}
				wantValid(t, im)
				if got := im.Pixels[:len(tt.want)]; fmt.Sprint(got) != fmt.Sprint(tt.want) {
					t.Errorf("pixels %v, want %v", got, tt.want)
				}
				if fmt.Sprint(im.Labels) != fmt.Sprint(tt.labels) {
					t.Errorf("labels %v, want %v", im.Labels, tt.labels)
				}
			}
		})
	}
}

func TestReadTextErrors(t *testing.T) {
	usps, uci := uspsLine("3"), uciLine("3")
	truncated := gzipped(t, []byte(usps))
	truncated = truncated[:len(truncated)-4]
	tests := []struct {
		name    string
		read    textReader
		content string
		want    string
	}{
		{"usps empty", readUSPS, "", "file: the file is empty"},
		{"usps blank line", readUSPS, usps + "\n" + usps, "file, line 2: 0 fields"},
		{"usps short row", readUSPS, usps + usps[:len(usps)-4], "file, line 2: 256 fields"},
		{"usps long row", readUSPS, usps[:len(usps)-1] + "0\n", "line 1: 258 fields"},
		{"usps label above", readUSPS, uspsLine("10"), `line 1: label "10"`},
		{"usps label below", readUSPS, uspsLine("-1"), `label "-1"`},
		{"usps label in between", readUSPS, uspsLine("2.5"), `label "2.5"`},
		{"usps label NaN", readUSPS, uspsLine("NaN"), `label "NaN"`},
		{"usps value above", readUSPS, uspsLine("1", "0", "1.001"), `line 1: value 2 is "1.001"`},
		{"usps value below", readUSPS, uspsLine("1", "-1.5"), `value 1 is "-1.5"`},
		{"usps value NaN", readUSPS, uspsLine("1", "nan"), `value 1 is "nan"`},
		{"usps value infinite", readUSPS, uspsLine("1", "Inf"), `value 1 is "Inf"`},
		{"usps value text", readUSPS, uspsLine("1", "x"), `value 1 is "x"`},
		{"usps endless line", readUSPS, usps + strings.Repeat("0 ", maxLineBytes), "file, line 2: longer than"},
		{"usps truncated gzip", readUSPS, string(truncated), "truncated"},
		{"uci empty", readUCI, "", "file: the file is empty"},
		{"uci blank line", readUCI, uci + "\n", "file, line 2: 1 fields"},
		{"uci short row", readUCI, uci[2:], "line 1: 64 fields"},
		{"uci long row", readUCI, "0," + uci, "line 1: 66 fields"},
		{"uci label above", readUCI, uciLine("10"), `label "10"`},
		{"uci label negative", readUCI, uciLine("-1"), `label "-1"`},
		{"uci value above", readUCI, uci + uciLine("1", "0", "0", "17"), `line 2: value 3 is "17"`},
		{"uci value negative", readUCI, uciLine("1", "-1"), `value 1 is "-1"`},
		{"uci value fractional", readUCI, uciLine("1", "1.5"), `value 1 is "1.5"`},
		{"uci value missing", readUCI, uciLine("1", ""), `value 1 is ""`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.read("file", strings.NewReader(tt.content))
			wantError(t, err, tt.want)
		})
	}
}

func TestReadTextStopsGzipBombs(t *testing.T) {
	var lines int
	bomb := gzipped(t, bytes.Repeat([]byte("1\n"), maxTextBytes/2+1))
	err := eachLine("bomb.gz", bytes.NewReader(bomb), func(string) error { lines++; return nil })
	wantError(t, err, "bomb.gz: more than")
	if lines > maxTextBytes/2+1 {
		t.Errorf("%d lines were read", lines)
	}
}

func FuzzUSPS(f *testing.F) {
	fuzzText(f, readUSPS, uspsLine("3", "0.25", "1", "NaN"), uspsLine("9.0000", "-0.5")+uspsLine("0"))
}

func FuzzUCI(f *testing.F) {
	fuzzText(f, readUCI, uciLine("3", "16", "17"), uciLine("9", "5")+uciLine("0"))
}

// fuzzText checks that whatever is read without an error is valid, and that reading takes memory for the text only.
func fuzzText(f *testing.F, read textReader, seeds ...string) {
	for _, seed := range seeds {
		packed := gzipped(f, []byte(seed))
		for _, content := range [][]byte{[]byte(seed), []byte(seed[:len(seed)/2]), packed, packed[:len(packed)-2]} {
			f.Add(content)
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		var im *Images
		var err error
		bounded.Allocation(t, unpackedSize(content), 32, func() { im, err = read("fuzz", bytes.NewReader(content)) })
		if err != nil {
			return
		}
		if im.Len() == 0 || len(im.Labels) != im.Len() {
			t.Errorf("%d images, %d labels", im.Len(), len(im.Labels))
		}
		wantValid(t, im)
	})
}
