//go:build !linux || !cgo

package hostmemory

func useHugePages() {}

func hugePages() (on bool, why string) { return false, "needs Linux and cgo" }

func trim() bool { return false }

func shareArena() bool { return false }
