package weights

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// maxFile limits the size of a file of weights, in bytes. ResNet-152 in double
// precision with the momentum of its optimizer takes 0.96 GB.
const maxFile = 1 << 30

// maxValues limits the values of a file, which take 4 bytes each in memory. ResNet-152
// with both moments of Adam has 0.18e9.
const maxValues = 1 << 28

// maxDescription limits the part of a file that describes its tensors: a safetensors
// header, a pickle, or the directory of a zip archive. It takes some 150 bytes per
// tensor, and ResNet-152 has 932 tensors. Parsing may take some hundred bytes of
// memory for each of its bytes.
const maxDescription = 2 << 20

// openRegular opens a regular file of at most limit bytes and returns its size. It
// looks before it opens, because opening a named pipe waits for a writer.
func openRegular(path string, limit int64) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if err := acceptable(info, limit); err != nil {
		return nil, 0, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err = f.Stat() // The path may lead to another file by now.
	if err == nil {
		err = acceptable(info, limit)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// acceptable returns an error unless a file is regular and has at most limit bytes.
func acceptable(info fs.FileInfo, limit int64) error {
	switch {
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", info.Name())
	case info.Size() > limit:
		return fmt.Errorf("%s has %d bytes: want at most %d", info.Name(), info.Size(), limit)
	}
	return nil
}
