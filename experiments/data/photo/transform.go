package photo

import (
	"fmt"
	"math/rand/v2"

	"github.com/reciprocalnorm/rn/experiments/problems"
)

// View selects the part of a resized photograph.
type View int

const (
	// Centre is the square in the middle.
	Centre View = iota
	// Random is a square anywhere, mirrored with probability 1/2.
	Random
	// TenCrop is ten squares: top left, top right, bottom left, bottom right and
	// centre, and the same five of the mirror image.
	TenCrop
)

// crops is the number of squares of TenCrop.
const crops = 10

// Transform turns photographs of any size into examples of one shape, as torchvision
// does with Resize, then CenterCrop, RandomCrop and RandomHorizontalFlip, or TenCrop,
// then ToTensor; but the channels come last.
type Transform struct {
	// Resize is the size of both sides in pixels.
	Resize int
	// KeepAspect makes Resize the size of the shorter side; the longer side becomes
	// ⌊Resize·long/short⌋.
	KeepAspect bool
	// Crop is the size of the square, at most Resize.
	Crop int
	// View selects the square. Default Centre.
	View View
}

// validate returns an error that lists every problem of the transform.
func (t Transform) validate() error {
	var p problems.Problems
	p.Require(t.Resize >= 1, "resizing photographs to %d pixels: want 1 or more", t.Resize)
	p.Require(t.Crop >= 1 && t.Crop <= t.Resize, "a crop of %d pixels out of %d: want 1 to %d", t.Crop, t.Resize, t.Resize)
	p.Require(t.View >= Centre && t.View <= TenCrop, "view %d: want Centre, Random or TenCrop", t.View)
	return p.Err()
}

// Shape returns [Crop, Crop, 3] (height, width, RGB), for TenCrop [10, Crop, Crop, 3].
func (t Transform) Shape() []int {
	if t.View == TenCrop {
		return []int{crops, t.Crop, t.Crop, 3}
	}
	return []int{t.Crop, t.Crop, 3}
}

// size returns the number of values of Shape.
func (t Transform) size() int {
	size := 1
	for _, d := range t.Shape() {
		size *= d
	}
	return size
}

// Apply writes the photograph to dst as an example of Shape with values in [0, 1].
// Random draws from draw; the other views ignore it. Apply panics if t is invalid or
// dst has another size. It returns an error if the photograph is so narrow that
// keeping its aspect would make it larger than [Open] accepts.
func (t Transform) Apply(im *RGB, draw *rand.Rand, dst []float32) error {
	if err := t.validate(); err != nil {
		panic(fmt.Sprintf("photo: %v", err))
	}
	if len(dst) != t.size() {
		panic(fmt.Sprintf("photo: room for %d values, want %d for %v", len(dst), t.size(), t.Shape()))
	}
	resized, err := t.resized(im)
	if err != nil {
		return err
	}
	t.take(resized, draw, dst)
	return nil
}

// resizedSize returns the size that a photograph of a size gets.
func (t Transform) resizedSize(fromWidth, fromHeight int) (width, height int) {
	width, height = t.Resize, t.Resize
	if t.KeepAspect {
		if fromWidth < fromHeight {
			height = t.Resize * fromHeight / fromWidth
		} else {
			width = t.Resize * fromWidth / fromHeight
		}
	}
	return width, height
}

// memory is an upper bound of the bytes that resized allocates for a photograph,
// whatever its orientation.
func (t Transform) memory(h header) int64 {
	size := func(fromWidth, fromHeight int) int64 {
		width, height := t.resizedSize(fromWidth, fromHeight)
		rows := 3 * int64(width) * int64(fromHeight)
		columns := 3 * int64(width) * int64(min(height, maxPixels/width)) // more is an error
		filters := 64 * int64(fromWidth+fromHeight+width+height)
		return rows + columns + filters
	}
	return max(size(h.width, h.height), size(h.height, h.width))
}

// resized returns the photograph at the transform's size.
func (t Transform) resized(im *RGB) (*RGB, error) {
	width, height := t.resizedSize(im.Width, im.Height)
	if width > maxPixels/height {
		return nil, fmt.Errorf("%d×%d pixels would become %d×%d with a shorter side of %d, which exceeds the limit of %d pixels", im.Width, im.Height, width, height, t.Resize, maxPixels)
	}
	return im.Resize(width, height), nil
}

// take writes the view of a resized photograph.
func (t Transform) take(im *RGB, draw *rand.Rand, dst []float32) {
	right, bottom := im.Width-t.Crop, im.Height-t.Crop
	left, top := roundHalfEven(right), roundHalfEven(bottom)
	switch t.View {
	case Centre:
		im.crop(left, top, t.Crop, false, dst)
	case Random:
		y, x := draw.IntN(bottom+1), draw.IntN(right+1)
		im.crop(x, y, t.Crop, draw.IntN(2) == 1, dst)
	case TenCrop:
		each := dst
		for _, mirror := range []bool{false, true} {
			for _, at := range [][2]int{{0, 0}, {right, 0}, {0, bottom}, {right, bottom}, {left, top}} {
				x := at[0]
				if mirror { // at is in the mirror image
					x = right - x
				}
				im.crop(x, at[1], t.Crop, mirror, each)
				each = each[3*t.Crop*t.Crop:]
			}
		}
	}
}

// roundHalfEven returns n/2, rounded like Python's round.
func roundHalfEven(n int) int { return (n + n/2%2) / 2 }

// unit maps i to i/255.
var unit = func() (table [256]float32) {
	for i := range table {
		table[i] = float32(i) / 255
	}
	return table
}()

// crop writes a square, mirrored if asked to.
func (im *RGB) crop(left, top, size int, mirror bool, dst []float32) {
	for y := range size {
		src := im.Pix[3*((top+y)*im.Width+left):][:3*size]
		row := dst[3*y*size:][:3*size]
		if !mirror {
			for i, v := range src {
				row[i] = unit[v]
			}
			continue
		}
		for x := range size {
			s := src[3*(size-1-x):][:3:3]
			d := row[3*x:][:3:3]
			d[0], d[1], d[2] = unit[s[0]], unit[s[1]], unit[s[2]]
		}
	}
}
