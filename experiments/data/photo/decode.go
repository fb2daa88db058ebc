package photo

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // The formats that image.Decode knows.
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/webp"
)

// MaxPixels is the size above which a photograph is refused before it is
// decoded: a file of some kilobytes can claim gigabytes. It is Pillow's limit, a
// quarter of a gigabyte of RGB.
const MaxPixels = 89_478_485

// RGB is a photograph of 8 bits a colour.
type RGB struct {
	// Width and Height are in pixels.
	Width, Height int
	// Pix is red, green and blue of each pixel, row by row from the top left.
	Pix []uint8
}

// newRGB is a black photograph.
func newRGB(width, height int) *RGB {
	return &RGB{Width: width, Height: height, Pix: make([]uint8, 3*width*height)}
}

// Open decodes a file; errors name it.
func Open(path string) (*RGB, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	im, err := Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return im, nil
}

// Decode decodes a JPEG, PNG, BMP, WebP or GIF file, of the last the first
// picture. Grey, CMYK, palettes and 16 bits become RGB of 8 bits; transparency
// is dropped, as Pillow does. The orientation of EXIF is applied.
//
// Files of another format, cut short, of no pixels or of more than [MaxPixels]
// are errors.
func Decode(data []byte) (*RGB, error) {
	if len(data) == 0 {
		return nil, errors.New("the file is empty")
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if errors.Is(err, image.ErrFormat) {
		return nil, errors.New("it is not a JPEG, PNG, BMP, WebP or GIF file")
	}
	if err != nil {
		return nil, explain(err, "", data)
	}
	if config.Width < 1 || config.Height < 1 {
		return nil, fmt.Errorf("%d×%d pixels: a photograph has one or more", config.Width, config.Height)
	}
	if config.Width > MaxPixels/config.Height {
		return nil, fmt.Errorf("%d×%d pixels are more than %d, the most that is decoded", config.Width, config.Height, MaxPixels)
	}
	decoded, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, explain(err, format, data)
	}
	im := toRGB(decoded, config.Width, config.Height, format)
	return im.oriented(orientation(data, format)), nil
}

// explain says why data cannot be decoded.
func explain(err error, format string, data []byte) error {
	if format != "" {
		format += " "
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("the %sfile of %d bytes is cut short: %w", format, len(data), err)
	}
	return fmt.Errorf("the %sfile is damaged: %w", format, err)
}
