package plots

import (
	"bytes"
	"html"
)

// finishSVG corrects the output of gonum's SVG canvas for publication. The
// patterns contain < or ", which the canvas escapes in text, so that only
// markup can match. The canvas
//
//   - names one font family, for which a viewer without it substitutes a serif
//     of other widths: finishSVG adds families with the same metrics;
//   - labels embedded PNG data as JPEG, which strict readers reject;
//   - lets viewers smooth enlarged images, which blurs the cells of a heatmap;
//   - writes no title, which screen readers announce.
func finishSVG(svg []byte, name string) []byte {
	for _, r := range []struct{ old, new string }{
		{`style="font-family:Liberation Sans;`, `style="font-family:'Liberation Sans',Arial,Helvetica,sans-serif;`},
		{`xlink:href="data:image/jpg;base64,`, `xlink:href="data:image/png;base64,`},
		{`<image x=`, `<image preserveAspectRatio="none" style="image-rendering:pixelated" x=`},
	} {
		svg = bytes.ReplaceAll(svg, []byte(r.old), []byte(r.new))
	}
	const head = "xmlns:xlink=\"http://www.w3.org/1999/xlink\">\n"
	return bytes.Replace(svg, []byte(head), []byte(head+"<title>"+html.EscapeString(name)+"</title>\n"), 1)
}
