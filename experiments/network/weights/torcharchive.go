package weights

import (
	"archive/zip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"path"
)

// torchArchive is an archive of torch.save: a zip file of uncompressed records.
type torchArchive struct {
	size     int64
	records  map[string]*zip.File
	unread   map[string]*zip.File // records whose checksum has not been compared yet
	pickle   []byte
	folder   string // the folder of data.pkl
	storages map[string]*storage
	room     int // how many more values the storages may have
}

// openTorchArchive opens an archive of size bytes, and reads its pickle. Records are
// not compressed, so that they cannot be larger than the file.
func openTorchArchive(r io.ReaderAt, size int64) (*torchArchive, error) {
	metered := &meteredReader{r: r, left: maxDescription}
	files, err := zip.NewReader(metered, size)
	if err != nil {
		return nil, fmt.Errorf("the file is not a zip archive of PyTorch or is cut short: %w", err)
	}
	metered.left = math.MaxInt64
	a := &torchArchive{
		size: size, records: make(map[string]*zip.File), unread: make(map[string]*zip.File), storages: make(map[string]*storage), room: maxValues,
	}
	var main *zip.File
	room := uint64(size) // records do not overlap
	for _, f := range files.File {
		if f.Method != zip.Store {
			return nil, fmt.Errorf("record %s is compressed: torch.save does not compress", f.Name)
		}
		if f.UncompressedSize64 > room {
			return nil, fmt.Errorf("record %s claims %d bytes, but only %[4]d of the file's %[3]d bytes are left for it", f.Name, f.UncompressedSize64, size, room)
		}
		room -= f.UncompressedSize64
		if a.records[f.Name] != nil {
			return nil, fmt.Errorf("record %s is in the archive twice", f.Name)
		}
		a.records[f.Name], a.unread[f.Name] = f, f
		switch path.Base(f.Name) {
		case "data.pkl":
			main, a.folder = f, path.Dir(f.Name)
		case "constants.pkl":
			return nil, errors.New("the file is a TorchScript archive: save the state_dict instead")
		}
	}
	if main == nil {
		return nil, errors.New("there is no data.pkl: want what torch.save writes")
	}
	if a.pickle, err = a.description(main); err != nil {
		return nil, err
	}
	return a, a.checkByteOrder()
}

// description reads a record that describes tensors.
func (a *torchArchive) description(f *zip.File) (data []byte, err error) {
	if f.UncompressedSize64 > maxDescription {
		return nil, fmt.Errorf("record %s has %d bytes: want at most %d", f.Name, f.UncompressedSize64, maxDescription)
	}
	err = a.read(f, func(r io.Reader) error {
		data, err = io.ReadAll(r)
		return err
	})
	return data, err
}

// checkByteOrder returns an error for values that are not little-endian. PyTorch has
// recorded the order since version 2.1.
func (a *torchArchive) checkByteOrder() error {
	f := a.records[path.Join(a.folder, "byteorder")]
	if f == nil {
		return nil
	}
	order, err := a.description(f)
	if err == nil && string(order) != "little" {
		err = fmt.Errorf("the byte order is %.20q: want little", order)
	}
	return err
}

// read passes the content of a record to use, and compares the CRC-32 of all of it,
// including what use has left.
func (a *torchArchive) read(f *zip.File, use func(r io.Reader) error) error {
	in, err := f.Open()
	if err != nil {
		return fmt.Errorf("record %s: %w", f.Name, err)
	}
	defer in.Close()
	sum := crc32.NewIEEE()
	content := io.TeeReader(in, sum)
	err = use(content)
	if err == nil {
		_, err = io.Copy(io.Discard, content)
	}
	// Package zip skips the comparison if the checksum in the directory is 0.
	if err == nil && sum.Sum32() != f.CRC32 {
		err = zip.ErrChecksum
	}
	if errors.Is(err, zip.ErrChecksum) {
		return fmt.Errorf("record %s is damaged: its CRC-32 differs from the archive's", f.Name)
	}
	if err != nil {
		return fmt.Errorf("record %s: %w", f.Name, err)
	}
	delete(a.unread, f.Name)
	return nil
}

// checkUnread compares the checksums of the records that the tensors did not need.
func (a *torchArchive) checkUnread() error {
	for _, f := range a.unread {
		if err := a.read(f, func(io.Reader) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// meteredReader reads at most left bytes, so that the directory of an archive, which
// package zip reads as a whole, is bounded.
type meteredReader struct {
	r    io.ReaderAt
	left int64
}

// ReadAt implements io.ReaderAt.
func (m *meteredReader) ReadAt(p []byte, offset int64) (int, error) {
	if m.left -= int64(len(p)); m.left < 0 {
		return 0, fmt.Errorf("the archive's directory has more than %d bytes", maxDescription)
	}
	return m.r.ReadAt(p, offset)
}
