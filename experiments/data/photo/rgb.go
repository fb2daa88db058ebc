package photo

import (
	"image"
	"image/color"
)

// toRGB converts a decoded image to RGB. A picture that does not cover the whole
// canvas, as in some GIFs, lies on black.
func toRGB(im image.Image, width, height int, format string) *RGB {
	out := newRGB(width, height)
	b := im.Bounds().Intersect(image.Rect(0, 0, width, height))
	row := func(y int) []uint8 { return out.Pix[3*(y*width+b.Min.X):][:3*b.Dx()] }
	each := func(convert func(dst []uint8, y int)) {
		for y := b.Min.Y; y < b.Max.Y; y++ {
			convert(row(y), y)
		}
	}
	switch im := im.(type) {
	case *image.YCbCr:
		convertYCbCr(out, im, b, format)
	case *image.NYCbCrA:
		convertYCbCr(out, &im.YCbCr, b, format)
	case *image.Gray:
		each(func(dst []uint8, y int) {
			for x, v := range im.Pix[im.PixOffset(b.Min.X, y):][:b.Dx()] {
				dst[3*x], dst[3*x+1], dst[3*x+2] = v, v, v
			}
		})
	case *image.RGBA:
		if format == "tiff" && !im.Opaque() { // other decoders return it for opaque images only
			each(func(dst []uint8, y int) {
				for x := range b.Dx() {
					c := straight(im.RGBAAt(b.Min.X+x, y))
					copy(dst[3*x:], c[:])
				}
			})
			break
		}
		each(func(dst []uint8, y int) { copyFour(dst, im.Pix[im.PixOffset(b.Min.X, y):]) })
	case *image.NRGBA:
		each(func(dst []uint8, y int) { copyFour(dst, im.Pix[im.PixOffset(b.Min.X, y):]) })
	case *image.Paletted:
		var palette [256][3]uint8
		for i, c := range im.Palette {
			palette[i] = straight(c)
		}
		each(func(dst []uint8, y int) {
			for x, i := range im.Pix[im.PixOffset(b.Min.X, y):][:b.Dx()] {
				copy(dst[3*x:], palette[i][:])
			}
		})
	case *image.CMYK:
		each(func(dst []uint8, y int) {
			src := im.Pix[im.PixOffset(b.Min.X, y):]
			for x := range b.Dx() {
				s := src[4*x:][:4:4]
				dst[3*x], dst[3*x+1], dst[3*x+2] = color.CMYKToRGB(s[0], s[1], s[2], s[3])
			}
		})
	case *image.Gray16:
		each(func(dst []uint8, y int) {
			src := im.Pix[im.PixOffset(b.Min.X, y):]
			for x := range b.Dx() {
				v := src[2*x] // the high byte
				dst[3*x], dst[3*x+1], dst[3*x+2] = v, v, v
			}
		})
	case *image.NRGBA64:
		each(func(dst []uint8, y int) { copyEight(dst, im.Pix[im.PixOffset(b.Min.X, y):]) })
	case *image.RGBA64:
		if im.Opaque() {
			each(func(dst []uint8, y int) { copyEight(dst, im.Pix[im.PixOffset(b.Min.X, y):]) })
			break
		}
		each(func(dst []uint8, y int) {
			for x := range b.Dx() {
				c := straight(im.RGBA64At(b.Min.X+x, y))
				copy(dst[3*x:], c[:])
			}
		})
	default: // not from today's decoders
		each(func(dst []uint8, y int) {
			for x := range b.Dx() {
				c := straight(im.At(b.Min.X+x, y))
				copy(dst[3*x:], c[:])
			}
		})
	}
	return out
}

// copyFour copies red, green and blue from pixels of four bytes.
func copyFour(dst, src []uint8) {
	for i, j := 0, 0; i+2 < len(dst); i, j = i+3, j+4 {
		s := src[j : j+3 : j+3]
		d := dst[i : i+3 : i+3]
		d[0], d[1], d[2] = s[0], s[1], s[2]
	}
}

// copyEight copies the high bytes of red, green and blue from pixels of eight bytes.
func copyEight(dst, src []uint8) {
	for i, j := 0, 0; i+2 < len(dst); i, j = i+3, j+8 {
		s := src[j : j+5 : j+5]
		dst[i], dst[i+1], dst[i+2] = s[0], s[2], s[4]
	}
}

// straight returns a colour without its transparency.
func straight(c color.Color) [3]uint8 {
	if c16, ok := c.(color.NRGBA64); ok {
		return [3]uint8{uint8(c16.R >> 8), uint8(c16.G >> 8), uint8(c16.B >> 8)}
	}
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return [3]uint8{n.R, n.G, n.B}
}
