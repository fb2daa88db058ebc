package photo

import "math"

// Resize returns the photograph at another size, at least 1×1. Pillow's antialiased
// bilinear filter and 8-bit arithmetic give exactly the values of
// PIL.Image.resize(size, BILINEAR). For an equal size it returns im itself.
func (im *RGB) Resize(width, height int) *RGB {
	if im.Width != width {
		im = im.resizeRows(newFilter(im.Width, width))
	}
	if im.Height != height {
		im = im.resizeColumns(newFilter(im.Height, height))
	}
	return im
}

// precisionBits is the fixed-point precision of the weights (Pillow's
// PRECISION_BITS): 8 bits are for the value, 2 for sums that exceed it.
const precisionBits = 32 - 8 - 2

// filter holds, for each place of a resized line, the places of the original line
// that it averages.
type filter struct {
	first   []int     // the first place
	weights [][]int32 // of the places from there on; they sum to 1<<precisionBits, up to rounding
}

// newFilter returns the triangle filter, stretched if the line shrinks.
func newFilter(from, to int) filter {
	scale := float64(from) / float64(to)
	stretch := math.Max(scale, 1)
	f := filter{first: make([]int, to), weights: make([][]int32, to)}
	w := make([]float64, 0, 2*int(math.Ceil(stretch))+1)
	for i := range to {
		center := (float64(i) + 0.5) * scale
		first := max(int(center-stretch+0.5), 0)
		end := min(int(center+stretch+0.5), from)
		w = w[:0]
		sum := 0.0
		for x := first; x < end; x++ {
			v := math.Max(1-math.Abs((float64(x)-center+0.5)/stretch), 0)
			w = append(w, v)
			sum += v
		}
		f.first[i] = first
		f.weights[i] = make([]int32, len(w))
		for k, v := range w {
			f.weights[i][k] = int32(0.5 + v/sum*(1<<precisionBits))
		}
	}
	return f
}

// half, added before the shift, rounds to the nearest integer.
const half = 1 << (precisionBits - 1)

// resizeRows applies a filter along the rows. Filters of two to four places, which
// photographs not much larger than the target need, are unrolled.
func (im *RGB) resizeRows(f filter) *RGB {
	width := len(f.first)
	out := newRGB(width, im.Height)
	for y := range im.Height {
		row := im.Pix[3*y*im.Width:][:3*im.Width]
		dst := out.Pix[3*y*width:][:3*width]
		for x, w := range f.weights {
			src := row[3*f.first[x]:][:3*len(w)]
			r, g, b := int32(half), int32(half), int32(half)
			switch len(w) {
			case 2:
				s := (*[6]uint8)(src)
				r += w[0]*int32(s[0]) + w[1]*int32(s[3])
				g += w[0]*int32(s[1]) + w[1]*int32(s[4])
				b += w[0]*int32(s[2]) + w[1]*int32(s[5])
			case 3:
				s := (*[9]uint8)(src)
				r += w[0]*int32(s[0]) + w[1]*int32(s[3]) + w[2]*int32(s[6])
				g += w[0]*int32(s[1]) + w[1]*int32(s[4]) + w[2]*int32(s[7])
				b += w[0]*int32(s[2]) + w[1]*int32(s[5]) + w[2]*int32(s[8])
			case 4:
				s := (*[12]uint8)(src)
				r += w[0]*int32(s[0]) + w[1]*int32(s[3]) + w[2]*int32(s[6]) + w[3]*int32(s[9])
				g += w[0]*int32(s[1]) + w[1]*int32(s[4]) + w[2]*int32(s[7]) + w[3]*int32(s[10])
				b += w[0]*int32(s[2]) + w[1]*int32(s[5]) + w[2]*int32(s[8]) + w[3]*int32(s[11])
			default:
				for _, w := range w {
					r += w * int32(src[0])
					g += w * int32(src[1])
					b += w * int32(src[2])
					src = src[3:]
				}
			}
			d := dst[3*x : 3*x+3 : 3*x+3]
			d[0], d[1], d[2] = clip8(r>>precisionBits), clip8(g>>precisionBits), clip8(b>>precisionBits)
		}
	}
	return out
}

// resizeColumns applies a filter along the columns, as resizeRows along the rows.
func (im *RGB) resizeColumns(f filter) *RGB {
	out := newRGB(im.Width, len(f.first))
	line := 3 * im.Width
	sums := make([]int32, line)
	for y, w := range f.weights {
		row := func(k int) []uint8 { return im.Pix[(f.first[y]+k)*line:][:line] }
		dst := out.Pix[y*line:][:line]
		switch len(w) {
		case 2:
			a, b := row(0), row(1)
			for i := range dst {
				dst[i] = clip8((half + w[0]*int32(a[i]) + w[1]*int32(b[i])) >> precisionBits)
			}
			continue
		case 3:
			a, b, c := row(0), row(1), row(2)
			for i := range dst {
				dst[i] = clip8((half + w[0]*int32(a[i]) + w[1]*int32(b[i]) + w[2]*int32(c[i])) >> precisionBits)
			}
			continue
		case 4:
			a, b, c, d := row(0), row(1), row(2), row(3)
			for i := range dst {
				dst[i] = clip8((half + w[0]*int32(a[i]) + w[1]*int32(b[i]) + w[2]*int32(c[i]) + w[3]*int32(d[i])) >> precisionBits)
			}
			continue
		}
		for i := range sums {
			sums[i] = half
		}
		for k, w := range w {
			for i, v := range row(k) {
				sums[i] += w * int32(v)
			}
		}
		for i, v := range sums {
			dst[i] = clip8(v >> precisionBits)
		}
	}
	return out
}
