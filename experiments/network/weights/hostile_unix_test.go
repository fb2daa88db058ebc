//go:build unix

package weights

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reciprocalnorm/rn/experiments/internal/bounded"
)

// sparse makes a file that begins with data and has size bytes, but takes no room.
func sparse(t *testing.T, data []byte, size int64) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "sparse")
	replace(t, path, data)
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSparse reads files that are far larger than what they hold: they are refused
// without reading them.
func TestSparse(t *testing.T) {
	const size = 6 << 30
	header := func(text string, claimed uint64) []byte {
		return append(binary.LittleEndian.AppendUint64(nil, claimed), text...)
	}
	for name, c := range map[string]struct {
		start []byte
		size  int64
		want  string
	}{
		"6 GB of safetensors":   {safetensorsFile(`{"a":{"dtype":"F32","shape":[1610612000],"data_offsets":[0,6442448000]}}`), size, "want at most 1073741824"},
		"6 GB of .pth":          {[]byte("PK\x03\x04"), size, "want at most 1073741824"},
		"6 GB of model.json":    {[]byte("{"), size, "want at most 1073741824"},
		"1 GB of model.json":    {[]byte("{"), maxFile, "want at most 2097152"},
		"a header of 1 GB":      {header("{", maxFile-8), maxFile, "the header has 1073741816 bytes: want at most 2097152"},
		"a header of 6 GB":      {header("{", size), maxFile, "the header claims 6442450944 bytes, but the file has 1073741824"},
		"an archive of zeros":   {[]byte("PK\x03\x04"), maxFile, "not a zip archive of PyTorch"},
		"a gap of 1 GB":         {safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`), maxFile, "bytes after the last tensor"},
		"half precision":        {safetensorsFile(`{"a":{"dtype":"F16","shape":[536870000],"data_offsets":[0,1073740000]}}`), 8 + 71 + 1073740000, "more than 268435456 values"},
		"a shape beyond":        {safetensorsFile(`{"a":{"dtype":"F32","shape":[1610612000],"data_offsets":[0,6442448000]}}`), maxFile, "more values than the file"},
		"values before a lie":   {safetensorsFile(`{"a":{"dtype":"F32","shape":[250000000],"data_offsets":[0,1000000000]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`), maxFile, "tensors overlap or leave a gap"},
		"a type after a tensor": {safetensorsFile(`{"a":{"dtype":"F32","shape":[250000000],"data_offsets":[0,1000000000]},"b":{"dtype":"I8","shape":[1],"data_offsets":[1000000000,1000000001]}}`), maxFile, `type "I8"`},
	} {
		t.Run(name, func(t *testing.T) {
			path := sparse(t, c.start, c.size)
			var err error
			bounded.Allocation(t, 0, 0, func() { _, err = Read(path) })
			wantError(t, err, c.want)
		})
	}
}

// TestManyTensors reads a header of 1.5 million tensors.
func TestManyTensors(t *testing.T) {
	var header strings.Builder
	header.WriteString(`{"__metadata__":{}`)
	for i := range 1_500_000 {
		fmt.Fprintf(&header, `,"%d":{"dtype":"F16","shape":[0],"data_offsets":[0,0]}`, i)
	}
	header.WriteString("}")
	path := sparse(t, safetensorsFile(header.String()), int64(8+header.Len()))
	var err error
	bounded.Allocation(t, 0, 0, func() { _, err = Read(path) })
	wantError(t, err, "the header has", "want at most 2097152")
}

// TestArchiveDirectory reads an archive with more records than a network has.
func TestArchiveDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "many.pth")
	replace(t, path, manyRecords(t, 60_000))
	_, err := Read(path)
	wantError(t, err, "the archive's directory has more than 2097152 bytes")
}

// TestNamedPipe checks that Read does not wait for somebody to write to a pipe.
func TestNamedPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	model := tfjsModelOf(t, filepath.Dir(pipe), manifestOf(group(`["pipe"]`, `[`+conv1+`]`)), nil)
	for _, path := range []string{pipe, model} {
		done := make(chan error, 1)
		go func() { done <- errorOf(Read(path)) }()
		select {
		case err := <-done:
			wantError(t, err, "pipe is not a regular file")
		case <-time.After(10 * time.Second):
			t.Fatalf("Read(%s) waits", path)
		}
	}
}
