package notebook

import (
	"bytes"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/reciprocalnorm/rn/plots"
)

// Width is the width in millimetres of a figure in a notebook.
const Width = 170

// maxSVG is the size in bytes up to which a figure is stored as SVG. One with
// many marks or an image in it is smaller as PNG.
const maxSVG = 60_000

// Show displays a figure as SVG, or as PNG where it is large. Code hosts show
// both. It panics if the figure cannot be written.
func Show(f *plots.Figure) {
	mime, data, err := encode(f)
	Check(err)
	gonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{mime: data}})
	gonbui.Sync()
}

// Markdown displays text. Unlike gonbui's own it waits until the text has arrived:
// what a cell displays last may be lost with the end of its process.
func Markdown(text string) {
	gonbui.DisplayMarkdown(text)
	gonbui.Sync()
}

// encode is the figure as Show sends it: SVG is text, PNG bytes.
func encode(f *plots.Figure) (protocol.MIMEType, any, error) {
	var svg, png bytes.Buffer
	if err := f.WriteSVG(&svg); err != nil {
		return "", nil, err
	}
	if svg.Len() <= maxSVG {
		return protocol.MIMEImageSVG, svg.String(), nil
	}
	if err := f.WritePNG(&png); err != nil {
		return "", nil, err
	}
	return protocol.MIMEImagePNG, png.Bytes(), nil
}
