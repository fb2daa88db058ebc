package notebook

import (
	"bytes"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/reciprocalnorm/rn/plots"
)

// Width is the width of a figure in a notebook, in millimetres.
const Width = 170

// maxSVG is the largest size in bytes at which Show stores a figure as SVG. A figure
// with many marks or an image is smaller as PNG.
const maxSVG = 60_000

// Show displays a figure as SVG, or as PNG if the SVG is large. Code hosts render
// both. Show panics if the figure cannot be encoded.
func Show(f *plots.Figure) {
	mime, data, err := encode(f)
	Check(err)
	gonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{mime: data}})
	gonbui.Sync()
}

// Markdown displays text and waits until the text has arrived. gonbui.DisplayMarkdown
// does not wait, and a cell may lose the last text when its process ends.
func Markdown(text string) {
	gonbui.DisplayMarkdown(text)
	gonbui.Sync()
}

// encode encodes a figure for Show: SVG as a string, PNG as bytes.
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
