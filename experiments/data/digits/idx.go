package digits

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// IDX is an array in the idx format of the MNIST files, of unsigned bytes.
type IDX struct {
	// Dims are the axis sizes; the first counts the items.
	Dims []int
	// Data are the values, row-major.
	Data []byte
}

const (
	idxUnsignedByte = 0x08
	// idxMaxRank is the most axes accepted: items of height, width and channels.
	idxMaxRank = 4
	// idxMaxBytes bounds the size that a header may announce: 20 times the MNIST training images.
	idxMaxBytes = 1 << 30
)

// ReadIDX reads an idx file (http://yann.lecun.com/exdb/mnist describes it), plain or gzip-compressed: two zero bytes,
// the type (8: unsigned byte, the only one accepted), the number of axes, each axis as 32 bits big-endian, the data.
// It keeps the first limit items, all when limit is 0, but reads to the end: the data must be exactly as long as the
// header says. name is for error messages. Memory grows with the data read, never with what the header claims.
func ReadIDX(name string, r io.Reader, limit int) (*IDX, error) {
	if limit < 0 {
		return nil, fmt.Errorf("%s: limit of %d items, must be 0 (all) or more", name, limit)
	}
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
	// One byte more than announced is asked for: it shows data that go on, and makes gzip check its sum at the end.
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
	return &IDX{Dims: dims, Data: data}, nil
}

// readIDXHeader reads up to the data; the product of the dims it returns is within [1, idxMaxBytes].
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
		return nil, fmt.Errorf("%s: magic number %#08x, an idx file starts with 0x0000", name, binary.BigEndian.Uint32(word[:]))
	}
	if word[2] != idxUnsignedByte {
		return nil, fmt.Errorf("%s: idx data of type %#02x, only unsigned bytes (0x08) are read", name, word[2])
	}
	rank := int(word[3])
	if rank < 1 || rank > idxMaxRank {
		return nil, fmt.Errorf("%s: idx data with %d axes, between 1 and %d are read", name, rank, idxMaxRank)
	}
	dims := make([]int, rank)
	total := int64(1)
	for i := range dims {
		if err := read(fmt.Sprintf("size of axis %d", i), 4+4*i); err != nil {
			return nil, err
		}
		size := binary.BigEndian.Uint32(word[:])
		if size == 0 {
			return nil, fmt.Errorf("%s: axis %d has size 0, there is nothing to read", name, i)
		}
		total *= int64(size) // At most 2^30·2^32: no overflow.
		if total > idxMaxBytes {
			return nil, fmt.Errorf("%s: axis %d has size %d, which makes more than the %d bytes that are read at most", name, i, size, idxMaxBytes)
		}
		dims[i] = int(size)
	}
	return dims, nil
}

// imagesFromIDX joins images [n, height, width] and labels [n] into Images.
func imagesFromIDX(name, imagesName string, images *IDX, labelsName string, labels *IDX, classes []string) (*Images, error) {
	if len(images.Dims) != 3 {
		return nil, fmt.Errorf("%s: %d axes %v, images have 3: number, height, width", imagesName, len(images.Dims), images.Dims)
	}
	if len(labels.Dims) != 1 {
		return nil, fmt.Errorf("%s: %d axes %v, labels have 1", labelsName, len(labels.Dims), labels.Dims)
	}
	if images.Dims[0] != labels.Dims[0] {
		return nil, fmt.Errorf("%s has %d images but %s has %d labels", imagesName, images.Dims[0], labelsName, labels.Dims[0])
	}
	im := &Images{
		Name: name, Height: images.Dims[1], Width: images.Dims[2], Channels: 1, Classes: slices.Clone(classes),
		Pixels: make([]float32, len(images.Data)), Labels: make([]int32, len(labels.Data)),
	}
	for i, v := range images.Data {
		im.Pixels[i] = float32(v) / 255
	}
	for i, v := range labels.Data {
		if int(v) >= len(classes) {
			return nil, fmt.Errorf("%s: label %d of image %d is not in 0..%d", labelsName, v, i, len(classes)-1)
		}
		im.Labels[i] = int32(v)
	}
	return im, nil
}
