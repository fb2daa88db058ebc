package digits

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
)

// readChecked reads a file whose content is pinned; skip admits any content. What is returned is what was checked.
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

// checksumError is the message for content that is not the pinned one.
func checksumError(path, what, got, want string) error {
	return fmt.Errorf("%s has %s %s, expected %s; replace it by the original, or set SkipChecksum to use it as it is", path, what, got, want)
}
