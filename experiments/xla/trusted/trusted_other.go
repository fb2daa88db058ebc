//go:build !unix

package trusted

import "io/fs"

func check(string, fs.FileInfo) error { return nil }
