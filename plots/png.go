package plots

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

// withResolution inserts a pHYs chunk (PNG specification, 11.3.4.3), which
// gives the resolution in pixels per metre, behind the header chunk of a PNG
// file by image/png.
func withResolution(png []byte, dpi int) []byte {
	const header = 8 + 4 + 4 + 13 + 4 // signature; length, type, data and CRC of IHDR
	perMetre := uint32(math.Round(float64(dpi) / 0.0254))
	body := binary.BigEndian.AppendUint32([]byte("pHYs"), perMetre)
	body = binary.BigEndian.AppendUint32(body, perMetre)
	body = append(body, 1) // the unit is the metre

	out := make([]byte, 0, len(png)+len(body)+8)
	out = append(out, png[:header]...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(body)-4))
	out = append(out, body...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
	return append(out, png[header:]...)
}
