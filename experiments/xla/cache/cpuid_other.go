//go:build !amd64

package cache

// cpuidWords returns nothing: only x86 has the CPUID instruction.
func cpuidWords() []uint32 { return nil }
