package digits

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

const (
	// maxLineBytes limits a line of text: a USPS row takes 3 KB at most.
	maxLineBytes = 16 << 10
	// maxTextBytes limits decompressed text, against gzip bombs: 8 times the USPS training set.
	maxTextBytes = 64 << 20
)

// eachLine calls fn for each line of a text, plain or gzip-compressed. Errors of fn
// get the name and the line number (from 1) in front.
func eachLine(name string, r io.Reader, fn func(line string) error) error {
	content, err := maybeGzip(name, r)
	if err != nil {
		return err
	}
	limited := &io.LimitedReader{R: content, N: maxTextBytes + 1}
	scanner := bufio.NewScanner(limited)
	scanner.Buffer(make([]byte, 0, 4096), maxLineBytes)
	number := 0
	for scanner.Scan() {
		number++
		if err := fn(scanner.Text()); err != nil {
			return fmt.Errorf("%s, line %d: %w", name, number, err)
		}
	}
	switch err := scanner.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("%s, line %d: longer than %d bytes", name, number+1, maxLineBytes)
	case err != nil:
		return readError(name, err)
	case limited.N <= 0:
		return fmt.Errorf("%s: more than %d bytes of text, which no known data set has", name, maxTextBytes)
	case number == 0:
		return fmt.Errorf("%s: the file is empty", name)
	}
	return nil
}
