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
	// Name says what the images are, for messages: "mnist train".
	Name string
	// Height, Width and Channels are the size of each image.
	Height, Width, Channels int
	// Pixels are the values in [0, 1], shaped [n, Height, Width, Channels], row-major.
	Pixels []float32
	// Labels are the indices into Classes, shaped [n]; nil where there are none (see WithoutLabels).
	Labels []int32
	// Classes are the names of the classes.
	Classes []string
}

// ImageSize is the number of values of one image: Height·Width·Channels.
func (im *Images) ImageSize() int { return im.Height * im.Width * im.Channels }

// Len is the number of images.
func (im *Images) Len() int {
	size := im.ImageSize()
	if size <= 0 {
		return 0
	}
	return len(im.Pixels) / size
}

// Validate reports the first thing that is wrong: a size below one, pixels that are not whole images, a pixel outside
// [0, 1] or not a number, labels (when there are any) that are not one an image or not an index into Classes.
func (im *Images) Validate() error {
	if im.Height < 1 || im.Width < 1 || im.Channels < 1 {
		return fmt.Errorf("images %q: size %d×%d×%d, each must be at least 1", im.Name, im.Height, im.Width, im.Channels)
	}
	size := im.ImageSize()
	if len(im.Pixels)%size != 0 {
		return fmt.Errorf("images %q: %d pixel values are not a whole number of %d×%d×%d images",
			im.Name, len(im.Pixels), im.Height, im.Width, im.Channels)
	}
	for i, v := range im.Pixels {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("images %q: image %d has value %v at position %d, outside [0, 1]", im.Name, i/size, v, i%size)
		}
	}
	if im.Labels == nil {
		return nil
	}
	if len(im.Labels) != im.Len() {
		return fmt.Errorf("images %q: %d labels for %d images", im.Name, len(im.Labels), im.Len())
	}
	for i, label := range im.Labels {
		if label < 0 || int(label) >= len(im.Classes) {
			return fmt.Errorf("images %q: image %d has label %d, but there are %d classes", im.Name, i, label, len(im.Classes))
		}
	}
	return nil
}

// WithoutLabels returns the same images without labels; pixels are shared. Target training data go through it, so that
// no code that trains can read a target label.
func (im *Images) WithoutLabels() *Images {
	unlabelled := *im
	unlabelled.Labels = nil
	return &unlabelled
}

// Head returns the first n images, or all when there are no more than n; pixels and labels are shared.
// It panics when n is negative.
func (im *Images) Head(n int) *Images {
	if n < 0 {
		panic(fmt.Sprintf("dataset: Images.Head(%d) of %q: the number must not be negative", n, im.Name))
	}
	if n >= im.Len() {
		return im
	}
	head := *im
	end := n * im.ImageSize()
	head.Pixels = im.Pixels[:end:end]
	if im.Labels != nil {
		head.Labels = im.Labels[:n:n]
	}
	return &head
}

// Batch copies the images at indices into new slices: pixels [len(indices), Height, Width, Channels] and labels
// [len(indices)], nil when the images have none. It panics on an index outside [0, Len).
func (im *Images) Batch(indices []int) (pixels []float32, labels []int32) {
	return im.BatchInto(nil, nil, indices)
}

// BatchInto is Batch writing into the given slices, which are overwritten from their start and replaced only where
// their capacity does not suffice: keep what it returns and hand it in at the next step.
func (im *Images) BatchInto(pixels []float32, labels []int32, indices []int) ([]float32, []int32) {
	size, n := im.ImageSize(), im.Len()
	if need := size * len(indices); cap(pixels) < need {
		pixels = make([]float32, 0, need)
	}
	if im.Labels != nil && cap(labels) < len(indices) {
		labels = make([]int32, 0, len(indices))
	}
	pixels, labels = pixels[:0], labels[:0]
	for _, i := range indices {
		if i < 0 || i >= n {
			panic(fmt.Sprintf("dataset: batch of %q: index %d is outside [0, %d)", im.Name, i, n))
		}
		pixels = append(pixels, im.Pixels[i*size:(i+1)*size]...)
		if im.Labels != nil {
			labels = append(labels, im.Labels[i])
		}
	}
	if im.Labels == nil {
		return pixels, nil
	}
	return pixels, labels
}

// Checksum is the sha256, in hexadecimal, of the decoded images: height, width, channels, number of images and number
// of labels, then all pixels, then all labels, each 32 bits little-endian. It tells data apart whatever file format
// and compression they came in.
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
