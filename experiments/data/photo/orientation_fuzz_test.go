package photo

import (
	"encoding/binary"
	"testing"
)

// exifJPEG returns the beginning of a JPEG with an EXIF block of one entry in IFD0.
func exifJPEG(tag, kind uint16, count, value uint32) []byte {
	tiff := binary.LittleEndian.AppendUint32([]byte("II*\x00"), 8)
	tiff = binary.LittleEndian.AppendUint16(tiff, 1)
	tiff = binary.LittleEndian.AppendUint16(tiff, tag)
	tiff = binary.LittleEndian.AppendUint16(tiff, kind)
	tiff = binary.LittleEndian.AppendUint32(tiff, count)
	tiff = binary.LittleEndian.AppendUint32(tiff, value)
	tiff = binary.LittleEndian.AppendUint32(tiff, 0)
	block := append([]byte("Exif\x00\x00"), tiff...)
	out := binary.BigEndian.AppendUint16([]byte("\xff\xd8\xff\xe1"), uint16(2+len(block)))
	return append(append(out, block...), "\xff\xd9"...)
}

// FuzzOrientation checks that EXIF blocks of any content give an orientation of 1 to 8.
// FuzzDecode rarely gets there: its photographs must be whole.
func FuzzOrientation(f *testing.F) {
	const orientationTag, short = 0x0112, 3
	upsideDown := exifJPEG(orientationTag, short, 1, 3)
	if got := orientation(upsideDown, "jpeg"); got != 3 {
		f.Fatalf("the seed has orientation %d, want 3", got)
	}
	formats := []string{"jpeg", "png", "webp", "gif"}
	f.Add(upsideDown, uint8(0))
	f.Add(exifJPEG(orientationTag, short, 1<<31, 8), uint8(0))
	f.Add(exifJPEG(orientationTag, 2, 9, 0), uint8(0))
	f.Add([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0aeXIfII*\x00\x08\x00\x00\x00\x00\x00"), uint8(1))
	f.Add([]byte("RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00EXIF\x04\x00\x00\x00Exif"), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, format uint8) {
		name := formats[int(format)%len(formats)]
		if got := orientation(data, name); got < 1 || got > 8 {
			t.Errorf("%s: orientation %d", name, got)
		}
	})
}
