package plots_test

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/plots"
)

func svgOf(t *testing.T, fig *plots.Figure) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := fig.WriteSVG(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func pngOf(t *testing.T, fig *plots.Figure) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := fig.WritePNG(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// svgTexts parses an SVG document to its end and returns its texts.
func svgTexts(t *testing.T, svg []byte) []string {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(svg))
	var texts []string
	depth, in := 0, false
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the SVG is not well-formed: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			depth++
			in = tok.Name.Local == "text"
		case xml.EndElement:
			depth--
			in = false
		case xml.CharData:
			if in {
				texts = append(texts, string(tok))
			}
		}
	}
	if depth != 0 {
		t.Fatalf("the SVG ends %d elements deep", depth)
	}
	return texts
}

var fontSize = regexp.MustCompile(`font-size:([0-9.]+)px`)

func TestSVG(t *testing.T) {
	for _, tc := range goldenCases {
		for _, theme := range plots.Themes() {
			t.Run(fmt.Sprintf("%s_%v", tc.name, theme), func(t *testing.T) {
				fig, err := tc.make(plots.Options{Theme: theme})
				if err != nil {
					t.Fatal(err)
				}
				svg := svgOf(t, fig)
				if len(svgTexts(t, svg)) == 0 {
					t.Error("the SVG has no text")
				}
				// A unit of the viewBox is a point.
				for _, m := range fontSize.FindAllSubmatch(svg, -1) {
					if size, err := strconv.ParseFloat(string(m[1]), 64); err != nil || size < 7 {
						t.Errorf("font size %s pt; at least 7 pt is legible in print", m[1])
					}
				}
				if bytes.Contains(svg, []byte("NaN")) || bytes.Contains(svg, []byte("Inf")) {
					t.Error("the SVG has coordinates that are not finite")
				}
				if !bytes.Contains(svg, []byte("Arial,Helvetica,sans-serif")) || bytes.Contains(svg, []byte("image/jpg")) {
					t.Error("the SVG was not finished for publication")
				}
			})
		}
	}
}

// TestMarkupInText checks that text which looks like markup stays text.
func TestMarkupInText(t *testing.T) {
	title := `<b> & "style="font-family:Liberation Sans;" </text>`
	fig, err := plots.Bars([]plots.Group{{Name: "g", Bars: []plots.Bar{{Name: "a", Runs: []float64{1}}}}},
		plots.BarOptions{Options: plots.Options{Title: title, Width: 170}, YLabel: "<y>"})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(svgTexts(t, svgOf(t, fig)), "|")
	for _, want := range []string{title, "<y>"} {
		if !strings.Contains(all, want) {
			t.Errorf("texts %q lack %q", all, want)
		}
	}
}

// TestCorrelationText checks what the subtitle says.
func TestCorrelationText(t *testing.T) {
	identity := func(c int) [][]float64 {
		p := make([][]float64, c)
		for i := range p {
			p[i] = make([]float64, c)
			p[i][i] = 1
		}
		return p
	}
	tests := []struct {
		name string
		p    [][]float64
		o    plots.CorrelationOptions
		want string
	}{
		{"square", [][]float64{{0.9, 0.1}, {0.6, 0.4}}, plots.CorrelationOptions{}, "2 channels · argmax on own index: 50.0 % (chance 50.0 %)"},
		{"rectangular", [][]float64{{0.9, 0.1}}, plots.CorrelationOptions{}, "1 × 2 channels"},
		{"zoom", identity(8), plots.CorrelationOptions{Zoom: plots.Zoom{Row: 2, Col: 4, Size: 3}}, "argmax on own index: 100 % (chance 12.5 %) · rows 2–4, columns 4–6"},
		{"averaged", identity(600), plots.CorrelationOptions{}, "means of 3 × 3 channels"},
		{"unequal blocks", identity(257), plots.CorrelationOptions{}, "means of about 2 × about 2 channels"},
		{"clipped", identity(8), plots.CorrelationOptions{Colors: plots.Range{Max: 0.5}}, "colours clipped"},
		{"given subtitle", identity(8), plots.CorrelationOptions{Options: plots.Options{Subtitle: "seed 3"}}, "seed 3 · 8 channels"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fig, err := plots.Correlation(plots.Matrix{P: tt.p}, tt.o)
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(svgTexts(t, svgOf(t, fig)), " ")
			if !strings.Contains(all, tt.want) {
				t.Errorf("texts %q lack %q", all, tt.want)
			}
		})
	}
}

// TestWideSVGIsSmall draws the least compressible map: blocks of independent
// uniform values at C = 2048.
func TestWideSVGIsSmall(t *testing.T) {
	const c, b = 2048, 8
	rng := rand.New(rand.NewPCG(5, 5))
	p := make([][]float64, c)
	for i := range p {
		if i%b != 0 {
			p[i] = p[i-1]
			continue
		}
		p[i] = make([]float64, c)
		sum := 0.0
		for j := range p[i] {
			if p[i][j] = rng.Float64(); j%b != 0 {
				p[i][j] = p[i][j-1]
			}
			sum += p[i][j]
		}
		for j := range p[i] {
			p[i][j] /= sum
		}
	}
	fig, err := plots.Correlation(plots.Matrix{P: p}, plots.CorrelationOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(svgOf(t, fig)); n >= 200_000 {
		t.Errorf("the SVG has %d bytes; want less than 200,000", n)
	}
}

// TestDeterministicAndDetached checks that equal input gives equal bytes and
// that a figure does not see later changes of its data.
func TestDeterministicAndDetached(t *testing.T) {
	for _, tc := range goldenCases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a, err := tc.make(plots.Options{DPI: 60})
			if err != nil {
				t.Fatal(err)
			}
			b, err := tc.make(plots.Options{DPI: 60})
			if err != nil {
				t.Fatal(err)
			}
			svg := svgOf(t, a)
			if !bytes.Equal(svg, svgOf(t, b)) || !bytes.Equal(svg, svgOf(t, a)) {
				t.Error("SVG bytes differ between equal figures or two writes")
			}
			if !bytes.Equal(pngOf(t, a), pngOf(t, b)) {
				t.Error("PNG bytes differ between equal figures")
			}
		})
	}
	run := []float64{0, 1}
	x := []float64{0, 1}
	curves, err := plots.Curves([]plots.Series{{Name: "a", X: x, Runs: [][]float64{run}}}, plots.CurveOptions{XLabel: "x", YLabel: "y"})
	if err != nil {
		t.Fatal(err)
	}
	row := []float64{0.5, 0.5}
	corr, err := plots.Correlation(plots.Matrix{P: [][]float64{row, row}}, plots.CorrelationOptions{})
	if err != nil {
		t.Fatal(err)
	}
	before := append(svgOf(t, curves), svgOf(t, corr)...)
	run[1], x[1], row[0] = 7, 9, 4
	if !bytes.Equal(before, append(svgOf(t, curves), svgOf(t, corr)...)) {
		t.Error("a figure changed with the caller's slices")
	}
}

// TestNothingReachesTheEdge checks that labels are not clipped: the outermost
// 0.8 mm of every figure are background.
func TestNothingReachesTheEdge(t *testing.T) {
	for _, tc := range goldenCases {
		for _, theme := range plots.Themes() {
			t.Run(fmt.Sprintf("%s_%v", tc.name, theme), func(t *testing.T) {
				t.Parallel()
				fig, err := tc.make(plots.Options{Theme: theme, DPI: 127}) // 5 pixels a mm
				if err != nil {
					t.Fatal(err)
				}
				img, err := png.Decode(bytes.NewReader(pngOf(t, fig)))
				if err != nil {
					t.Fatal(err)
				}
				background := img.At(0, 0)
				r := img.Bounds()
				inner := r.Inset(4)
				for y := r.Min.Y; y < r.Max.Y; y++ {
					for x := r.Min.X; x < r.Max.X; x++ {
						if image.Pt(x, y).In(inner) {
							x = inner.Max.X // on to the right border
						}
						if img.At(x, y) != background {
							t.Fatalf("pixel (%d, %d) of %v is %v; want the background %v", x, y, r.Size(), img.At(x, y), background)
						}
					}
				}
			})
		}
	}
}

func TestPNGRecordsItsSize(t *testing.T) {
	fig, err := plots.Curves(trainingCurves(1), plots.CurveOptions{
		Options: plots.Options{Width: 100, Height: 70, DPI: 127}, XLabel: "x", YLabel: "y"})
	if err != nil {
		t.Fatal(err)
	}
	data := pngOf(t, fig)
	cfg, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Width != 500 || cfg.Height != 350 {
		t.Errorf("PNG of 100 mm × 70 mm at 5 pixels a mm is %d × %d; want 500 × 350", cfg.Width, cfg.Height)
	}
	at := bytes.Index(data, []byte("pHYs"))
	if at < 0 {
		t.Fatal("the PNG has no pHYs chunk")
	}
	if got := binary.BigEndian.Uint32(data[at+4:]); got != 5000 {
		t.Errorf("pHYs says %d pixels a metre; want 5000", got)
	}
	if w, h := fig.Size(); math.Abs(w-100) > 1e-9 || math.Abs(h-70) > 1e-9 {
		t.Errorf("Size() = %g, %g; want 100, 70", w, h)
	}
}

// TestThemesDiffer checks the backgrounds: white, and nearly black.
func TestThemesDiffer(t *testing.T) {
	for theme, light := range map[plots.Theme]bool{plots.Light: true, plots.Dark: false} {
		fig, err := plots.Curves(trainingCurves(1), plots.CurveOptions{
			Options: plots.Options{Theme: theme, DPI: 60}, XLabel: "x", YLabel: "y"})
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(pngOf(t, fig)))
		if err != nil {
			t.Fatal(err)
		}
		if y := color.GrayModel.Convert(img.At(0, 0)).(color.Gray).Y; (y > 128) != light {
			t.Errorf("%v: background has grey level %d", theme, y)
		}
	}
}

func TestSave(t *testing.T) {
	fig, err := plots.Curves(trainingCurves(1), plots.CurveOptions{
		Options: plots.Options{DPI: 60}, XLabel: "x", YLabel: "y"})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, want := range map[string][]byte{"a.svg": svgOf(t, fig), "b.PNG": pngOf(t, fig)} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("older"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := fig.Save(path); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from what the writer gives", name)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v, want that of the older file", name, info.Mode(), err)
		}
	}
	checkError(t, fig.Save(filepath.Join(dir, "c.pdf")), `unknown extension ".pdf"; figures are saved as .svg or .png`)
	checkError(t, fig.Save(filepath.Join(dir, "c")), `unknown extension ""`)
	err = fig.Save(filepath.Join(dir, "missing", "d.svg"))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("saving into a missing folder: %v; want it to wrap fs.ErrNotExist", err)
	}

	link := filepath.Join(dir, "link.svg")
	if err := os.Symlink("a.svg", link); err != nil {
		t.Fatal(err)
	}
	if err := fig.Save(link); err != nil {
		t.Fatal(err)
	}
	if target, err := os.Readlink(link); err != nil || target != "a.svg" {
		t.Errorf("the symbolic link became %q, %v", target, err)
	}

	// A folder cannot be replaced; nothing may stay beside it.
	if err := os.Mkdir(filepath.Join(dir, "e.svg"), 0o755); err != nil {
		t.Fatal(err)
	}
	checkError(t, fig.Save(filepath.Join(dir, "e.svg")), "e.svg")
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files left behind: %v, %v", left, err)
	}
}

// failing is a writer that takes nothing.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrors(t *testing.T) {
	fig, err := plots.Curves(trainingCurves(1), plots.CurveOptions{
		Options: plots.Options{DPI: 60}, XLabel: "x", YLabel: "y"})
	if err != nil {
		t.Fatal(err)
	}
	checkError(t, fig.WriteSVG(failing{}), "disk full")
	checkError(t, fig.WritePNG(failing{}), "disk full")
}
