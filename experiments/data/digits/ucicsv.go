package digits

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	uciSide = 8
	// uciMax is the largest value: each value counts the set pixels of a 4×4 block.
	uciMax = 16
)

// readUCI reads the UCI optical digits as comma-separated text, plain or gzip-compressed. Each line is an image: 64
// integers 0..16, row-major, where 0 is black, and the label 0..9. The value v becomes the pixel v/16. Error messages
// begin with name.
func readUCI(name string, r io.Reader) (*Images, error) {
	im := &Images{Name: name, Height: uciSide, Width: uciSide, Channels: 1, Classes: digitClasses()}
	err := eachLine(name, r, func(line string) error {
		fields := strings.Split(line, ",")
		last := len(fields) - 1
		if last != uciSide*uciSide {
			return fmt.Errorf("%d fields, want %d values and a label", len(fields), uciSide*uciSide)
		}
		for i, field := range fields[:last] {
			v, err := strconv.ParseUint(field, 10, 8)
			if err != nil || v > uciMax {
				return fmt.Errorf("value %d is %q, want an integer in 0..%d", i+1, field, uciMax)
			}
			im.Pixels = append(im.Pixels, float32(v)/uciMax)
		}
		label, err := strconv.ParseUint(fields[last], 10, 8)
		if err != nil || label > 9 {
			return fmt.Errorf("label %q is not a digit 0..9", fields[last])
		}
		im.Labels = append(im.Labels, int32(label))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return im, nil
}
