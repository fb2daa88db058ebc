//go:build !linux || !cgo

package cache

import "fmt"

// Register returns an error: how a plugin is forwarded to is known for Linux only.
func Register(name, path string, cache *Cache) error {
	return fmt.Errorf("%w: only on Linux, in programs with cgo", ErrUnsupported)
}
