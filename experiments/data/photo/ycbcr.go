package photo

import "image"

// convertYCbCr writes the part b of a picture whose chroma may have a lower
// resolution. It interpolates chroma as libjpeg does ("fancy upsampling") and
// computes colours as libjpeg and libwebp do: JPEG uses the full range of 8 bits
// (JFIF), WebP 16 to 235 (BT.601).
func convertYCbCr(out *RGB, im *image.YCbCr, b image.Rectangle, format string) {
	toRGB := jfif
	if format == "webp" {
		toRGB = bt601
	}
	whole := im.Rect.Min == image.Point{} && b == im.Rect
	cb, cr := make([]uint8, b.Dx()+1), make([]uint8, b.Dx()+1) // one more for an odd width
	chroma := newChroma(im, b.Dx())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		if whole {
			chroma.row(cb, im.Cb, y)
			chroma.row(cr, im.Cr, y)
		} else {
			for x := range b.Dx() {
				at := im.COffset(b.Min.X+x, y)
				cb[x], cr[x] = im.Cb[at], im.Cr[at]
			}
		}
		luma := im.Y[im.YOffset(b.Min.X, y):][:b.Dx()]
		toRGB(out.Pix[3*(y*out.Width+b.Min.X):][:3*b.Dx()], luma, cb[:b.Dx()], cr[:b.Dx()])
	}
}

// jfif converts a row with ITU-R BT.601 over the full range: 16 fractional bits,
// rounded.
func jfif(dst, luma, cb, cr []uint8) {
	cb, cr = cb[:len(luma)], cr[:len(luma)]
	for x, v := range luma {
		y, b, r := int32(v), int32(cb[x])-128, int32(cr[x])-128
		d := dst[3*x : 3*x+3 : 3*x+3]
		d[0] = clip8(y + (91881*r+1<<15)>>16)          // 1.402
		d[1] = clip8(y + (-22554*b-46802*r+1<<15)>>16) // 0.344136, 0.714136
		d[2] = clip8(y + (116130*b+1<<15)>>16)         // 1.772
	}
}

// bt601 converts a row with libwebp's constants: 14 fractional bits, of which 8 are
// dropped after each product.
func bt601(dst, luma, cb, cr []uint8) {
	cb, cr = cb[:len(luma)], cr[:len(luma)]
	for x, v := range luma {
		y, u, w := int32(v)*19077>>8, int32(cb[x]), int32(cr[x])
		d := dst[3*x : 3*x+3 : 3*x+3]
		d[0] = clip8((y + w*26149>>8 - 14234) >> 6)
		d[1] = clip8((y - u*6419>>8 - w*13320>>8 + 8708) >> 6)
		d[2] = clip8((y + u*33050>>8 - 17685) >> 6)
	}
}

// clip8 clamps v to 0…255.
func clip8(v int32) uint8 {
	if uint32(v) > 255 {
		return uint8(^(v >> 31)) // 0 below, 255 above
	}
	return uint8(v)
}

// chroma interpolates the rows of a chroma plane.
type chroma struct {
	stride, width, height int // of the plane
	across, down          int // luma pixels per sample
	column                []int32
}

// newChroma returns the interpolation for a picture that begins at (0, 0) and is
// width pixels wide.
func newChroma(im *image.YCbCr, width int) *chroma {
	c := &chroma{stride: im.CStride, across: 1, down: 1}
	switch im.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		c.across = 2
	case image.YCbCrSubsampleRatio420:
		c.across, c.down = 2, 2
	case image.YCbCrSubsampleRatio440:
		c.down = 2
	case image.YCbCrSubsampleRatio411:
		c.across = 4
	case image.YCbCrSubsampleRatio410:
		c.across, c.down = 4, 2
	}
	c.width = (width + c.across - 1) / c.across
	c.height = (im.Rect.Dy() + c.down - 1) / c.down
	c.column = make([]int32, c.width)
	return c
}

// row writes row y of a plane at the resolution of luma. A sample lies in the middle
// of its pixels, so of two neighbours the nearer one counts three quarters. Rounding
// alternates as in libjpeg.
func (c *chroma) row(dst, plane []uint8, y int) {
	near := plane[y/c.down*c.stride:][:c.width]
	if c.down == 1 && c.across == 1 {
		copy(dst, near)
		return
	}
	if c.across == 4 || c.across == 2 && c.width <= 2 { // libjpeg repeats these
		for x := range dst {
			dst[x] = near[min(x/c.across, c.width-1)]
		}
		return
	}
	shift := 0 // of the sums in column
	if c.down == 2 {
		other := y/2 + y%2*2 - 1
		far := plane[min(max(other, 0), c.height-1)*c.stride:][:c.width]
		for x, v := range near {
			c.column[x] = 3*int32(v) + int32(far[x])
		}
		shift = 2
	} else {
		for x, v := range near {
			c.column[x] = int32(v)
		}
	}
	if c.across == 1 {
		round := int32(1 + y%2)
		for x, v := range c.column {
			dst[x] = uint8((v + round) >> shift)
		}
		return
	}
	// Each sample gives two pixels, rounded by 8 and 7 of 16, or by 1 and 2 of 4.
	left, right := int32(1), int32(2)
	if c.down == 2 {
		left, right = 8, 7
	}
	shift += 2
	last := c.width - 1
	for x, v := range c.column {
		before, after := v, v // beyond the ends
		if x > 0 {
			before = c.column[x-1]
		}
		if x < last {
			after = c.column[x+1]
		}
		dst[2*x] = uint8((3*v + before + left) >> shift)
		if 2*x+1 < len(dst) {
			dst[2*x+1] = uint8((3*v + after + right) >> shift)
		}
	}
}
