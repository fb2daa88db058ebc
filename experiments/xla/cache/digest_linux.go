package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"syscall"
)

// Digest returns the sha256 of a plugin's file in hexadecimal. Reading a plugin takes a good part of a second, so the
// cache remembers the digest of a path for as long as the file's inode, size and times stay the same; no program can set
// the time of the last change (ctime).
//
// An error switches the cache off: without the digest it cannot tell plugins apart.
func (c *Cache) Digest(path string) (string, error) {
	digest, err := c.digest(path)
	if err != nil {
		c.close(err)
	}
	return digest, err
}

// digest is Digest without switching the cache off.
func (c *Cache) digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", fmt.Errorf("%s: the system does not tell its inode", path)
	}
	k := key(sha256.Sum256(fmt.Appendf(nil, "sha256 of %q %d %d %d %d %d", path, stat.Dev, stat.Ino, stat.Size, stat.Mtim, stat.Ctim)))
	if known, found := c.read(k); found && len(known) == sha256.Size {
		return hex.EncodeToString(known), nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	digest := h.Sum(nil)
	c.write(k, digest)
	return hex.EncodeToString(digest), nil
}
