//go:build !linux || !cgo

package hugepages

func status() (on bool, why string) { return false, "Linux with cgo only" }
