//go:build !linux || !cgo

package hostmemory

func hugePages() (on bool, why string) { return false, "Linux with cgo only" }

func trim() bool { return false }
