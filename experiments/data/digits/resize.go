package digits

import "fmt"

// Resize returns the images at height×width by bilinear interpolation between pixel centres, without antialiasing:
// destination row i samples source row
//
//	r = max(0, (i + 0.5) · Height / height − 0.5)
//
// between ⌊r⌋ and the row after it, repeating the last row past the border; columns likewise. This is
// torch.nn.functional.interpolate(mode="bilinear", align_corners=False). It is meant for enlarging (16→28 and 8→28 in
// the digits recipe): shrinking by more than a factor of two skips pixels.
//
// Values stay in [0, 1]. The result shares labels with im, and pixels too if the size does not change. Resize panics if
// height or width is below one.
func (im *Images) Resize(height, width int) *Images {
	if height < 1 || width < 1 {
		panic(fmt.Sprintf("digits: Images.Resize(%d, %d) of %q: height and width must be at least 1", height, width, im.Name))
	}
	resized := *im
	if height == im.Height && width == im.Width {
		return &resized
	}
	resized.Height, resized.Width = height, width
	resized.Pixels = make([]float32, im.Len()*resized.imageSize())

	rows, columns := bilinearTaps(im.Height, height), bilinearTaps(im.Width, width)
	sourceRow, sourceSize, channels := im.Width*im.Channels, im.imageSize(), im.Channels
	out := resized.Pixels
	for n := range im.Len() {
		image := im.Pixels[n*sourceSize : (n+1)*sourceSize]
		for _, r := range rows {
			above := image[r.low*sourceRow:][:sourceRow]
			below := image[r.high*sourceRow:][:sourceRow]
			for _, c := range columns {
				left, right := c.low*channels, c.high*channels
				for k := range channels {
					top := above[left+k]*c.lowWeight + above[right+k]*c.highWeight
					bottom := below[left+k]*c.lowWeight + below[right+k]*c.highWeight
					out[k] = min(max(top*r.lowWeight+bottom*r.highWeight, 0), 1)
				}
				out = out[channels:]
			}
		}
	}
	return &resized
}

// tap is how one destination coordinate samples an axis: lowWeight·source[low] + highWeight·source[high].
type tap struct {
	low, high             int
	lowWeight, highWeight float32
}

// bilinearTaps returns the taps that resize an axis from source to destination values.
func bilinearTaps(source, destination int) []tap {
	taps := make([]tap, destination)
	scale := float64(source) / float64(destination)
	for i := range taps {
		at := max(0, (float64(i)+0.5)*scale-0.5)
		low := min(int(at), source-1)
		fraction := min(at-float64(low), 1)
		taps[i] = tap{
			low: low, high: min(low+1, source-1),
			lowWeight: float32(1 - fraction), highWeight: float32(fraction),
		}
	}
	return taps
}
