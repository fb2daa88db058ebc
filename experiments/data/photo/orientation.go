package photo

import (
	"bytes"

	"github.com/bep/imagemeta"
)

// metadataFormats are the formats that may carry EXIF metadata.
var metadataFormats = map[string]imagemeta.ImageFormat{"jpeg": imagemeta.JPEG, "png": imagemeta.PNG, "webp": imagemeta.WebP, "tiff": imagemeta.TIFF}

// orientation returns the EXIF orientation, 1 to 8, or 1 if there is none or it
// cannot be read: broken metadata must not make a photograph unreadable.
func orientation(data []byte, format string) int {
	f, ok := metadataFormats[format]
	named := format == "jpeg" || format == "webp" // the metadata begin with Exif
	if !ok || named && !bytes.Contains(data[:min(len(data), 1<<16)], []byte("Exif")) {
		return 1
	}
	found := 1
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(data), ImageFormat: f, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool { return tag.Tag == "Orientation" && tag.Namespace == "IFD0" },
		HandleTag: func(tag imagemeta.TagInfo) error {
			if value, ok := tag.Value.(uint16); ok && value >= 1 && value <= 8 {
				found = int(value)
			}
			return imagemeta.ErrStopWalking
		},
	})
	return found
}

// oriented undoes an EXIF orientation: 1 is upright, 2 mirrored, 3 upside down, 4
// both, and 5 to 8 are the same with rows and columns exchanged.
func (im *RGB) oriented(orientation int) *RGB {
	if orientation == 1 {
		return im
	}
	width, height := im.Width, im.Height
	if orientation >= 5 {
		width, height = height, width
	}
	out := newRGB(width, height)
	right, bottom := im.Width-1, im.Height-1
	for y := range height {
		for x := range width {
			var u, v int // the pixel's place in im
			switch orientation {
			case 2:
				u, v = right-x, y
			case 3:
				u, v = right-x, bottom-y
			case 4:
				u, v = x, bottom-y
			case 5:
				u, v = y, x
			case 6:
				u, v = y, bottom-x
			case 7:
				u, v = right-y, bottom-x
			case 8:
				u, v = right-y, x
			}
			copy(out.Pix[3*(y*width+x):][:3], im.Pix[3*(v*im.Width+u):])
		}
	}
	return out
}
