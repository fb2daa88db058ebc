package digits

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
)

// readChecked reads a file and compares its content with the pinned sum, unless
// skip is true.
func readChecked(path, wantSHA256 string, skip bool) (*bytes.Reader, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading data: %w", err)
	}
	sum := sha256.Sum256(content)
	if got := hex.EncodeToString(sum[:]); got != wantSHA256 && !skip {
		return nil, checksumError(path, "sha256", got, wantSHA256)
	}
	return bytes.NewReader(content), nil
}

// checksumError reports content that differs from the pinned one; kind
// describes the sum.
func checksumError(path, kind, got, want string) error {
	return fmt.Errorf("%s has %s %s, want %s: replace it with the original, or set SkipChecksum to use it as it is", path, kind, got, want)
}
