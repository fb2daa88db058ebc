package digits

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

const uspsSide = 16

// readUSPS reads digits in the text format of "The Elements of Statistical Learning", plain or gzip-compressed. Each
// line is an image: the label 0..9 (also written 6.0000) and 256 values in [−1, 1], row-major, where −1 is black. The
// value v becomes the pixel (v + 1)/2. Error messages begin with name.
func readUSPS(name string, r io.Reader) (*Images, error) {
	im := &Images{Name: name, Height: uspsSide, Width: uspsSide, Channels: 1, Classes: digitClasses()}
	err := eachLine(name, r, func(line string) error {
		fields := strings.Fields(line)
		if len(fields) != 1+uspsSide*uspsSide {
			return fmt.Errorf("%d fields, want a label and %d values", len(fields), uspsSide*uspsSide)
		}
		label, err := strconv.ParseFloat(fields[0], 32)
		if err != nil || !(label >= 0 && label <= 9) || label != float64(int(label)) {
			return fmt.Errorf("label %q is not a digit 0..9", fields[0])
		}
		im.Labels = append(im.Labels, int32(label))
		for i, field := range fields[1:] {
			v, err := strconv.ParseFloat(field, 32)
			if err != nil || !(v >= -1 && v <= 1) {
				return fmt.Errorf("value %d is %q, want a number in −1..1", i+1, field)
			}
			im.Pixels = append(im.Pixels, (float32(v)+1)/2)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return im, nil
}
