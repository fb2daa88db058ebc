package golden

import (
	"bytes"
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// maxSize is the largest golden file that is read, in bytes of JSON. A compressed
// file that expands to more is refused.
const maxSize = 8 << 20

// Suffixes of golden files.
const (
	jsonSuffix = ".json"
	gzipSuffix = ".gz"
)

// cases are the golden files of this repository; see cases/README.md.
//
//go:embed cases
var cases embed.FS

// Embedded reads the golden files that are part of this package, sorted by path.
func Embedded() ([]*File, error) {
	sub, err := fs.Sub(cases, "cases")
	if err != nil {
		return nil, fmt.Errorf("golden: %w", err)
	}
	return readAll(sub, func(name string) string { return strings.TrimSuffix(name, gzipSuffix) })
}

// ReadEmbedded reads one embedded file by its [File.Path], such as "losses.json".
func ReadEmbedded(name string) (*File, error) {
	return readFile(cases, path.Join("cases", name)+gzipSuffix, name)
}

// ReadDir reads every .json and .json.gz file of a folder and its subfolders,
// sorted by path; other files are ignored. It is an error if there are none or if
// one of them is not a golden file. Errors name the file and the field.
func ReadDir(dir string) ([]*File, error) {
	if _, err := os.ReadDir(dir); err != nil {
		return nil, fmt.Errorf("golden: %w", err)
	}
	files, err := readAll(os.DirFS(dir), func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) })
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("golden: %s: the folder has no .json or .json.gz file", dir)
	}
	return files, err
}

// readAll reads every golden file of a file system; pathOf turns a name there
// into a File's path.
func readAll(fsys fs.FS, pathOf func(name string) string) ([]*File, error) {
	var files []*File
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("golden: %w", err)
		}
		if entry.IsDir() || !strings.HasSuffix(strings.TrimSuffix(name, gzipSuffix), jsonSuffix) {
			return nil
		}
		file, err := readFile(fsys, name, pathOf(name))
		files = append(files, file)
		return err
	})
	if err != nil {
		return nil, err
	}
	return files, nil
}

// readFile reads the file of a name, which errors and the result call filePath.
func readFile(fsys fs.FS, name, filePath string) (*File, error) {
	data, err := readLimited(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("golden: %s: %w", filePath, err)
	}
	if strings.HasSuffix(name, gzipSuffix) {
		if data, err = Expand(data); err != nil {
			return nil, fmt.Errorf("golden: %s: %w", filePath, err)
		}
	}
	file, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("golden: %s: %w", filePath, err)
	}
	file.Path = filePath
	return file, nil
}

var errTooLarge = fmt.Errorf("the file is larger than %d bytes, the most that is read", maxSize)

// readLimited reads a file of at most maxSize bytes.
func readLimited(fsys fs.FS, name string) ([]byte, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return limited(file)
}

// limited reads at most maxSize bytes.
func limited(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err == nil && len(data) > maxSize {
		err = errTooLarge
	}
	return data, err
}

// Expand returns the JSON of a gzip-compressed golden file. Data that expands to
// more than 8 MiB is an error, so that a small file cannot fill the memory.
func Expand(compressed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	data, err := limited(r)
	return data, errors.Join(err, r.Close())
}

// Compress is the inverse of [Expand]. The same data always gives the same bytes,
// as long as the compressor of Go's standard library stays the same.
func Compress(data []byte) ([]byte, error) {
	var compressed bytes.Buffer
	w, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return compressed.Bytes(), nil
}
