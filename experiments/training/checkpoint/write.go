package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
)

// writeBytes writes a file and flushes it to disk.
func writeBytes(path string, data []byte) (fileInfo, error) {
	return writeFile(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// writeFile creates a file, calls write with it and flushes it to disk.
func writeFile(path string, write func(io.Writer) error) (fileInfo, error) {
	f, err := os.Create(path)
	if err != nil {
		return fileInfo{}, err
	}
	hash := sha256.New()
	count := &counter{}
	if err := write(io.MultiWriter(f, hash, count)); err != nil {
		return fileInfo{}, errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return fileInfo{}, errors.Join(err, f.Close())
	}
	return fileInfo{Bytes: count.n, SHA256: hex.EncodeToString(hash.Sum(nil))}, f.Close()
}

// counter counts the bytes that are written to it.
type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}
