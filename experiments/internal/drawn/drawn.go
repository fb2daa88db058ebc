// Package drawn draws photographs for tests, so that the repository need not store any.
package drawn

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
)

// JPEG returns a JPEG file whose picture depends on number. Its smooth colours with
// noise compress about as well as a photograph.
func JPEG(width, height, number int) []byte {
	draw := rand.New(rand.NewPCG(uint64(number), 0))
	var frequency, phase [3]float64
	for c := range 3 {
		frequency[c], phase[c] = 1e-4*draw.Float64(), 2*math.Pi*draw.Float64()
	}
	im := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			noise := 20 * draw.Float64()
			var v [3]uint8
			for c := range v {
				v[c] = uint8(117 + 100*math.Sin(frequency[c]*float64(x*y)+phase[c]) + noise)
			}
			im.SetRGBA(x, y, color.RGBA{v[0], v[1], v[2], 255})
		}
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, im, &jpeg.Options{Quality: 90}); err != nil {
		panic(err) // Encode fails only for an image that is too large
	}
	return file.Bytes()
}
