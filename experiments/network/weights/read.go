package weights

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"al.essio.dev/pkg/shellescape"
)

// tfjsModel is the file name of a TensorFlow.js model's description.
const tfjsModel = "model.json"

// legacyMagic begins the files that torch.save wrote before PyTorch 1.6.
const legacyMagic = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"

// Read reads a file of weights: safetensors, PyTorch's .pth as torch.save has written
// it since version 1.6 (a dictionary of tensors, or one under the key "state_dict"),
// or a TensorFlow.js layers model, given by its model.json or the folder that holds
// it. The content decides on the format, not the name. Half, bfloat16 and double
// precision become float32.
//
// Read compares the checksums of a .pth, and the digest of a file in the cache if the
// registry pins it or if it was recorded when the file was fetched.
//
// Errors name the file and the problem. [File.Check] finds out whether the tensors fit
// a network and are finite.
func Read(path string) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	if info.IsDir() {
		path = filepath.Join(path, tfjsModel)
	}
	f, err := read(path)
	if err == nil {
		err = f.checkPublished()
	}
	if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", path, err)
	}
	return f, nil
}

// read recognizes the format of a file and reads it.
func read(path string) (*File, error) {
	in, size, err := openRegular(path, maxFile)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	start := make([]byte, 16)
	n, err := io.ReadFull(in, start)
	if err != nil && n == 0 {
		return nil, fmt.Errorf("the file is empty or cannot be read: %w", err)
	}
	start = start[:n]
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	f := &File{Path: path}
	switch {
	case bytes.HasPrefix(start, []byte("PK")):
		f.Checked = "the CRC-32 of the archive"
		f.Tensors, err = parsePyTorch(in, size)
	case bytes.HasPrefix(start, []byte(legacyMagic)):
		err = fmt.Errorf("the file has PyTorch's format from before version 1.6; convert it with: %s", convertLegacy(path))
	case len(start) > 8 && start[8] == '{':
		f.Tensors, err = readSafetensors(in, size)
	case bytes.HasPrefix(bytes.TrimLeft(start, " \t\r\n"), []byte("{")):
		f.Tensors, err = readTFJS(path)
	default:
		err = fmt.Errorf("the first bytes are %q: want a safetensors file, a PyTorch .pth file or a TensorFlow.js %s", start, tfjsModel)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// convertLegacy is the command that writes a file of PyTorch's old format beside it in
// the present one.
func convertLegacy(path string) string {
	const script = `import sys, torch; torch.save(torch.load(sys.argv[1], map_location="cpu"), sys.argv[2])`
	return fmt.Sprintf("python3 -c '%s' %s %s", script, shellescape.Quote(path), shellescape.Quote(path+".new"))
}
