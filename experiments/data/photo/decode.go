package photo

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // registers its format for image.Decode, like the others
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/webp"
)

// maxPixels is the largest size that is decoded, because a file of some kilobytes can
// claim gigabytes. It is Pillow's limit, a quarter of a gigabyte of RGB.
const maxPixels = 89_478_485

// RGB is a photograph with 8 bits per colour.
type RGB struct {
	// Width and Height are in pixels.
	Width, Height int
	// Pix holds red, green and blue of each pixel, row by row from the top left.
	Pix []uint8
}

// newRGB returns a black photograph.
func newRGB(width, height int) *RGB {
	return &RGB{Width: width, Height: height, Pix: make([]uint8, 3*width*height)}
}

// Open decodes a JPEG, PNG, BMP or WebP file, or the first picture of a GIF file.
// Greyscale, CMYK, palette and 16-bit images become 8-bit RGB; transparency is
// dropped, as by Pillow. EXIF orientation is applied. Errors name the file.
//
// It is an error if the file has another format, is cut short, or has no pixels or
// more than 89,478,485.
func Open(path string) (*RGB, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	im, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return im, nil
}

// decode decodes the content of a file for [Open].
func decode(data []byte) (*RGB, error) {
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
		return nil, fmt.Errorf("%d×%d pixels: want at least one", config.Width, config.Height)
	}
	if config.Width > maxPixels/config.Height {
		return nil, fmt.Errorf("%d×%d pixels exceed the limit of %d", config.Width, config.Height, maxPixels)
	}
	decoded, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, explain(err, format, data)
	}
	im := toRGB(decoded, config.Width, config.Height, format)
	return im.oriented(orientation(data, format)), nil
}

// explain turns a decoder's error into one for people.
func explain(err error, format string, data []byte) error {
	if format != "" {
		format += " "
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("the %sfile of %d bytes is cut short: %w", format, len(data), err)
	}
	return fmt.Errorf("the %sfile is damaged: %w", format, err)
}
