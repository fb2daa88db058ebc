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
	"io/fs"
	"os"

	_ "golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
)

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

// MaxFileBytes is the size of the largest file that is read. It is as much as the
// largest photograph that Open accepts has as RGB.
const MaxFileBytes = 256 << 20

// Stat returns the size and time of a photograph's file. It is an error if the path
// leads to something else than a regular file, or to one larger than
// [MaxFileBytes]. Errors name the file.
func Stat(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", path)
	case info.Size() > MaxFileBytes:
		return nil, fmt.Errorf("%s: the file has %s, the limit for a photograph is %s", path, mebibytes(info.Size()), mebibytes(MaxFileBytes))
	}
	return info, nil
}

// Open decodes a JPEG, PNG, BMP, WebP or TIFF file, or the first picture of a GIF
// file. Greyscale, CMYK, palette and 16-bit images become 8-bit RGB; transparency is
// dropped, as by Pillow. EXIF orientation is applied. Errors name the file.
//
// Open looks at the size before it decodes, and waits until the photographs that
// are being decoded leave enough memory, see [SetMemory]. It is an error if the file
// has another format, is cut short, has no pixels or more than 89,478,485, takes
// more memory than there is for all, or is not a file that [Stat] accepts.
func Open(path string) (im *RGB, err error) {
	err = open(path, func(header) int64 { return 0 }, func(opened *RGB) error {
		im = opened
		return nil
	})
	return im, err
}

// open decodes a file for use, which takes more memory of its own.
func open(path string, more func(header) int64, use func(*RGB) error) error {
	info, err := Stat(path) // before opening, which would wait for the writer of a pipe
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := openFile(f, info.Size(), more, use); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// openFile is open for a file of some size.
func openFile(file io.ReaderAt, size int64, more func(header) int64, use func(*RGB) error) error {
	h, err := readHeader(file, size)
	if err != nil {
		return err
	}
	give, err := decoding.Load().take(size + h.memory + more(h))
	if err != nil {
		return fmt.Errorf("%s of %d×%d pixels: %w", h.format, h.width, h.height, err)
	}
	defer give()
	data := make([]byte, size)
	if _, err := file.ReadAt(data, 0); err != nil {
		return err
	}
	if again, err := readHeader(bytes.NewReader(data), size); err != nil || again != h {
		return errors.Join(errors.New("the file changed while it was read"), err)
	}
	im, err := h.decode(data)
	if err != nil {
		return err
	}
	return use(im)
}

// decode decodes the content of the file with this header.
func (h header) decode(data []byte) (*RGB, error) {
	var decoded image.Image
	var err error
	if h.format == "tiff" {
		decoded, err = tiff.Decode(bytes.NewReader(data)) // image.Decode would copy the file
	} else {
		decoded, _, err = image.Decode(bytes.NewReader(data))
	}
	if err != nil {
		return nil, explain(err, h.format, int64(len(data)))
	}
	im := toRGB(decoded, h.width, h.height, h.format)
	return im.oriented(orientation(data, h.format)), nil
}

// unknownFormat returns the error for a file that begins with other bytes than the
// formats that are read. Phones give HEIC and AVIF files the names of JPEG files.
func unknownFormat(start []byte) error {
	if len(start) >= 12 && string(start[4:8]) == "ftyp" {
		switch brand := string(start[8:12]); brand {
		case "avif", "avis":
			return errors.New("it is an AVIF file: convert it to JPEG or PNG")
		case "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1":
			return errors.New("it is a HEIC file: convert it to JPEG or PNG")
		}
	}
	return errors.New("it is not a JPEG, PNG, BMP, WebP, TIFF or GIF file")
}

// explain turns a decoder's error into one for people.
func explain(err error, format string, size int64) error {
	if format != "" {
		format += " "
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("the %sfile of %d bytes is cut short: %w", format, size, err)
	}
	return fmt.Errorf("the %sfile is damaged: %w", format, err)
}
