package digits

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// idxArray is an array of unsigned bytes in the idx format of the MNIST files.
type idxArray struct {
	dims []int  // axis sizes; the first counts the items
	data []byte // row-major
}

const (
	idxUnsignedByte = 0x08
	// idxMaxRank is the largest number of axes: items, height, width and channels.
	idxMaxRank = 4
	// idxMaxBytes limits the size that a header may announce: 20 times the MNIST training images.
	idxMaxBytes = 1 << 30
)

// readIDX reads an idx file (http://yann.lecun.com/exdb/mnist describes the format), plain or gzip-compressed: two zero
// bytes, the type (8: unsigned byte, the only one accepted), the number of axes, the size of each axis as 32 bits
// big-endian, and the data. It keeps the first limit items (0: all) but reads to the end, because the data must be
// exactly as long as the header says. Memory grows with the data, whatever the header claims. Error messages begin with
// name.
func readIDX(name string, r io.Reader, limit int) (*idxArray, error) {
	content, err := maybeGzip(name, r)
	if err != nil {
		return nil, err
	}
	dims, err := readIDXHeader(name, content)
	if err != nil {
		return nil, err
	}
	itemSize := 1
	for _, d := range dims[1:] {
		itemSize *= d
	}
	total, kept := dims[0]*itemSize, dims[0]
	if limit > 0 {
		kept = min(kept, limit)
	}
	data, err := io.ReadAll(io.LimitReader(content, int64(kept*itemSize)))
	if err != nil {
		return nil, readError(name, err)
	}
	// Asking for one byte more than announced detects longer data and makes gzip check its sum at the end.
	rest, err := io.Copy(io.Discard, io.LimitReader(content, int64(total-len(data)+1)))
	if err != nil {
		return nil, readError(name, err)
	}
	switch length := len(data) + int(rest); {
	case length < total:
		return nil, fmt.Errorf("%s: the header announces %v, %d bytes, but only %d follow it", name, dims, total, length)
	case length > total:
		return nil, fmt.Errorf("%s: the header announces %v, %d bytes, but more follow it", name, dims, total)
	}
	dims[0] = kept
	return &idxArray{dims, data}, nil
}

// readIDXHeader reads up to the data. The product of the dims that it returns is in [1, idxMaxBytes].
func readIDXHeader(name string, r io.Reader) ([]int, error) {
	var word [4]byte
	read := func(what string, offset int) error {
		_, err := io.ReadFull(r, word[:])
		if errors.Is(err, io.EOF) || (errors.Is(err, io.ErrUnexpectedEOF)) {
			return fmt.Errorf("%s: the file ends within the %s at offset %d", name, what, offset)
		}
		if err != nil {
			return readError(name, err)
		}
		return nil
	}
	if err := read("magic number", 0); err != nil {
		return nil, err
	}
	if word[0] != 0 || word[1] != 0 {
		return nil, fmt.Errorf("%s: magic number %#08x, but an idx file starts with 0x0000", name, binary.BigEndian.Uint32(word[:]))
	}
	if word[2] != idxUnsignedByte {
		return nil, fmt.Errorf("%s: idx data of type %#02x, want unsigned bytes (0x08)", name, word[2])
	}
	rank := int(word[3])
	if rank < 1 || rank > idxMaxRank {
		return nil, fmt.Errorf("%s: idx data with %d axes, want 1 to %d", name, rank, idxMaxRank)
	}
	dims := make([]int, rank)
	total := int64(1)
	for i := range dims {
		if err := read(fmt.Sprintf("size of axis %d", i), 4+4*i); err != nil {
			return nil, err
		}
		size := binary.BigEndian.Uint32(word[:])
		if size == 0 {
			return nil, fmt.Errorf("%s: axis %d has size 0, so there is nothing to read", name, i)
		}
		total *= int64(size) // At most 2^30·2^32: no overflow.
		if total > idxMaxBytes {
			return nil, fmt.Errorf("%s: axis %d has size %d, which exceeds the limit of %d bytes", name, i, size, idxMaxBytes)
		}
		dims[i] = int(size)
	}
	return dims, nil
}

// imagesFromIDX joins images [n, height, width] and labels [n] into Images.
func imagesFromIDX(name, imagesName string, images *idxArray, labelsName string, labels *idxArray, classes []string) (*Images, error) {
	if len(images.dims) != 3 {
		return nil, fmt.Errorf("%s: %d axes %v, want 3: images, height, width", imagesName, len(images.dims), images.dims)
	}
	if len(labels.dims) != 1 {
		return nil, fmt.Errorf("%s: %d axes %v, want 1", labelsName, len(labels.dims), labels.dims)
	}
	if images.dims[0] != labels.dims[0] {
		return nil, fmt.Errorf("%s has %d images but %s has %d labels", imagesName, images.dims[0], labelsName, labels.dims[0])
	}
	im := &Images{
		Name: name, Height: images.dims[1], Width: images.dims[2], Channels: 1, Classes: slices.Clone(classes),
		Pixels: make([]float32, len(images.data)), Labels: make([]int32, len(labels.data)),
	}
	for i, v := range images.data {
		im.Pixels[i] = float32(v) / 255
	}
	for i, v := range labels.data {
		if int(v) >= len(classes) {
			return nil, fmt.Errorf("%s: label %d of image %d is not in 0..%d", labelsName, v, i, len(classes)-1)
		}
		im.Labels[i] = int32(v)
	}
	return im, nil
}
