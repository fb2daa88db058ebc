package digits

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
)

// Images is a set of equally sized images in memory.
type Images struct {
	// Name is for messages: "mnist train".
	Name string
	// Height, Width and Channels are the size of each image.
	Height, Width, Channels int
	// Pixels are values in [0, 1], [n, Height, Width, Channels], row-major.
	Pixels []float32
	// Labels are indices into Classes, [n]; nil for images without labels (see WithoutLabels).
	Labels []int32
	// Classes are the names of the classes.
	Classes []string
}

// imageSize returns the number of values of one image: Height·Width·Channels.
func (im *Images) imageSize() int { return im.Height * im.Width * im.Channels }

// Len returns the number of images.
func (im *Images) Len() int {
	size := im.imageSize()
	if size <= 0 {
		return 0
	}
	return len(im.Pixels) / size
}

// WithoutLabels returns the same images without labels, sharing the pixels. Target images go through it before
// training, so that no training code can read a target label.
func (im *Images) WithoutLabels() *Images {
	unlabelled := *im
	unlabelled.Labels = nil
	return &unlabelled
}

// head returns the first n images, or all if there are no more than n, sharing pixels and labels. It panics if n is
// negative.
func (im *Images) head(n int) *Images {
	if n < 0 {
		panic(fmt.Sprintf("digits: Images.head(%d) of %q: want 0 or more", n, im.Name))
	}
	if n >= im.Len() {
		return im
	}
	head := *im
	end := n * im.imageSize()
	head.Pixels = im.Pixels[:end:end]
	if im.Labels != nil {
		head.Labels = im.Labels[:n:n]
	}
	return &head
}

// Batch copies the images at indices into new slices: pixels [len(indices), Height, Width, Channels] and labels
// [len(indices)], nil if the images have none. It panics on an index outside [0, Len).
func (im *Images) Batch(indices []int) (pixels []float32, labels []int32) {
	size, n := im.imageSize(), im.Len()
	pixels = make([]float32, 0, size*len(indices))
	for _, i := range indices {
		if i < 0 || i >= n {
			panic(fmt.Sprintf("digits: batch of %q: index %d is outside [0, %d)", im.Name, i, n))
		}
		pixels = append(pixels, im.Pixels[i*size:(i+1)*size]...)
		if im.Labels != nil {
			labels = append(labels, im.Labels[i])
		}
	}
	return pixels, labels
}

// Checksum returns the sha256, in hexadecimal, of the decoded images: height, width, channels, number of images and
// number of labels, then all pixels, then all labels, each as 32 bits little-endian. Equal images have equal sums,
// whatever the format and compression of their files.
func (im *Images) Checksum() string {
	hash := sha256.New()
	buffer := make([]byte, 0, 1<<14)
	put := func(v uint32) {
		if len(buffer) == cap(buffer) {
			hash.Write(buffer)
			buffer = buffer[:0]
		}
		buffer = binary.LittleEndian.AppendUint32(buffer, v)
	}
	for _, v := range []int{im.Height, im.Width, im.Channels, im.Len(), len(im.Labels)} {
		put(uint32(v))
	}
	for _, v := range im.Pixels {
		put(math.Float32bits(v))
	}
	for _, v := range im.Labels {
		put(uint32(v))
	}
	hash.Write(buffer)
	return hex.EncodeToString(hash.Sum(nil))
}
