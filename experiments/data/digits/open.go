package digits

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// maybeGzip returns a reader of r's content, which it decompresses if it starts with gzip's magic number.
func maybeGzip(name string, r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(r)
	magic, err := buffered.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(magic) < 2 || magic[0] != 0x1f || magic[1] != 0x8b {
		return buffered, nil
	}
	unzipped, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, readError(name, err)
	}
	return unzipped, nil
}

// readError explains an error in reading the content of the named file.
func readError(name string, err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: the compressed data end early, so the file is truncated: %w", name, err)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return fmt.Errorf("%s: the compressed data are damaged: %w", name, err)
	}
	return fmt.Errorf("%s: %w", name, err)
}
