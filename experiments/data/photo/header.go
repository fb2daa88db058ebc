package photo

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"

	"golang.org/x/image/tiff"
)

// maxPixels is the largest size that is decoded, because a file of some kilobytes can
// claim gigabytes. It is Pillow's limit, a quarter of a gigabyte of RGB.
const maxPixels = 89_478_485

// header describes a photograph that is not decoded yet.
type header struct {
	width, height int
	format        string // as image.Decode calls it
	// memory is an upper bound of the bytes that decoding allocates, beside the file's
	// content.
	memory int64
}

// readHeader reads the beginning of a file of some size.
func readHeader(file io.ReaderAt, size int64) (header, error) {
	if size == 0 {
		return header{}, errors.New("the file is empty")
	}
	start := make([]byte, min(size, 32))
	if _, err := file.ReadAt(start, 0); err != nil {
		return header{}, err
	}
	config, format, err := decodeConfig(file, size, start)
	if errors.Is(err, image.ErrFormat) {
		return header{}, unknownFormat(start)
	}
	if err != nil {
		return header{}, explain(err, "", size)
	}
	h := header{width: config.Width, height: config.Height, format: format}
	if h.width < 1 || h.height < 1 {
		return header{}, fmt.Errorf("%d×%d pixels: want at least one", h.width, h.height)
	}
	if h.width > maxPixels/h.height {
		return header{}, fmt.Errorf("%d×%d pixels exceed the limit of %d", h.width, h.height, maxPixels)
	}
	h.memory = h.decoderMemory(config.ColorModel, start, io.NewSectionReader(file, 0, size)) + 2*h.rgbBytes() // 2: one is turned as EXIF says
	return h, nil
}

// rgbBytes is the size of the photograph as RGB.
func (h header) rgbBytes() int64 { return 3 * int64(h.width) * int64(h.height) }

// isTIFF reports whether a file's first bytes are a TIFF file's.
func isTIFF(start []byte) bool {
	return len(start) >= 4 && (string(start[:4]) == "II*\x00" || string(start[:4]) == "MM\x00*")
}

// decodeConfig is image.DecodeConfig, which would read a TIFF file whole.
func decodeConfig(file io.ReaderAt, size int64, start []byte) (image.Config, string, error) {
	r := io.NewSectionReader(file, 0, size)
	if isTIFF(start) {
		config, err := tiff.DecodeConfig(r)
		return config, "tiff", err
	}
	return image.DecodeConfig(r)
}

// decoderMemory is an upper bound of the bytes that the format's decoder allocates.
func (h header) decoderMemory(model color.Model, start []byte, file io.ReadSeeker) int64 {
	pixels := int64(h.width) * int64(h.height)
	perPixel := int64(4) // most decoders return at most RGBA
	if model == color.RGBA64Model || model == color.NRGBA64Model || model == color.Gray16Model {
		perPixel = 8 // grey becomes RGBA if a colour is transparent
	}
	const buffers = 1 << 18 // of any size of photograph: tables, windows, rows
	switch h.format {
	case "jpeg":
		return jpegMemory(h, file) + buffers
	case "png":
		rows := 4 * perPixel * int64(h.width) // this and the previous one, filtered
		if len(start) > 28 && start[28] != 0 {
			return 2*pixels*perPixel + 8*rows + buffers // interlaced: seven images, then one
		}
		return pixels*perPixel + rows + buffers
	case "tiff":
		// Strips may be as large as the image, and grow in steps while they are unpacked.
		return pixels*perPixel + 4*pixels*8 + 64*buffers
	case "webp":
		lossless := len(start) < 16 || string(start[12:16]) != "VP8 "
		return webpMemory(h, lossless) + buffers
	}
	return 2*pixels*perPixel + buffers // BMP, GIF
}

// webpMemory is an upper bound of the bytes that a WebP file's decoder allocates.
func webpMemory(h header, lossless bool) int64 {
	pixels := int64(h.width+16) * int64(h.height+16)
	if !lossless {
		return 3 * pixels // YCbCr in blocks of 16, and filters
	}
	// RGBA before and after the transforms or, with lossy colours, transparency; and
	// up to 65536 groups of five code trees for blocks of 4×4 pixels or more.
	const group = 5 * (128*4 + 3<<10)
	return 3*4*pixels + min(pixels/16, 1<<16)*group
}

// frame is what a JPEG file's frame header says.
type frame struct {
	progressive bool
	components  []component
}

// component holds the sampling factors of a colour.
type component struct{ h, v int64 }

// jpegMemory is an upper bound of the bytes that a JPEG file's decoder allocates:
// samples in whole blocks, for progressive files their coefficients of four bytes,
// and CMYK or RGB made of the samples.
func jpegMemory(h header, file io.ReadSeeker) int64 {
	f, ok := readFrame(bufio.NewReader(file))
	if !ok { // the worst case
		f = frame{progressive: true, components: []component{{1, 1}, {1, 1}, {1, 1}, {1, 1}}}
	}
	if len(f.components) == 1 {
		f.components[0] = component{1, 1} // its factors have no meaning
	}
	across, down := int64(1), int64(1)
	for _, c := range f.components {
		across, down = max(across, c.h), max(down, c.v)
	}
	blocksX, blocksY := (int64(h.width)+8*across-1)/(8*across), (int64(h.height)+8*down-1)/(8*down)
	samples := int64(0)
	for _, c := range f.components {
		samples += 64 * c.h * c.v * blocksX * blocksY
	}
	bytes := samples
	if f.progressive {
		bytes += 4 * samples
	}
	if len(f.components) > 1 {
		bytes += 4 * int64(h.width) * int64(h.height)
	}
	return bytes
}

// readFrame reads a JPEG file up to its frame header; ok is false if it finds none.
func readFrame(r *bufio.Reader) (f frame, ok bool) {
	next := func() int {
		b, err := r.ReadByte()
		if err != nil {
			return -1
		}
		return int(b)
	}
	const startOfImage = 0xd8
	if next() != 0xff || next() != startOfImage {
		return f, false
	}
	for {
		marker := next()
		for marker != 0xff && marker >= 0 { // as image/jpeg, skip what is no marker
			marker = next()
		}
		for marker == 0xff {
			marker = next()
		}
		switch {
		case marker < 0:
			return f, false
		case marker == 0, marker >= 0xd0 && marker <= 0xd7: // stuffing, restarts: no content
			continue
		}
		high, low := next(), next()
		length := high<<8 + low - 2
		if high < 0 || low < 0 || length < 0 {
			return f, false
		}
		if marker < 0xc0 || marker > 0xc2 { // no baseline, extended or progressive frame
			if _, err := r.Discard(length); err != nil {
				return f, false
			}
			continue
		}
		content := make([]byte, length)
		if _, err := io.ReadFull(r, content); err != nil || length < 6 || length < 6+3*int(content[5]) {
			return f, false
		}
		f.progressive = marker == 0xc2
		for i := range int(content[5]) {
			factors := content[6+3*i+1]
			f.components = append(f.components, component{int64(factors >> 4), int64(factors & 15)})
		}
		return f, len(f.components) > 0
	}
}
