package cache

import (
	"runtime"
	"slices"
	"testing"
)

func TestProcessor(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc/cpuinfo")
	}
	cpu, err := processor()
	if err != nil || len(cpu) < 20 {
		t.Errorf("this processor is %q, %v", cpu, err)
	}
	const two = `processor	: 0
model name	: A
cpu MHz		: 2596.122
flags		: fpu avx2

processor	: 1
model name	: A
cpu MHz		: 1200.000
flags		: fpu avx2 avx512f
`
	if got, want := describeProcessor([]byte(two)), "flags:fpu avx2\nflags:fpu avx2 avx512f\nmodel name:A\n"; got != want {
		t.Errorf("described as %q, want %q", got, want)
	}
	if got := describeProcessor([]byte("processor: 0\nBogoMIPS: 50.00\nFeatures: fp asimd\nCPU part: 0xd0c\n")); got != "CPU part:0xd0c\nFeatures:fp asimd\n" {
		t.Errorf("described as %q", got)
	}
}

// TestCPUID: CPUID returns the same on every call, and something, where the processor has it.
func TestCPUID(t *testing.T) {
	words := cpuidWords()
	for range 100 {
		if again := cpuidWords(); !slices.Equal(again, words) {
			t.Fatalf("CPUID returned %x, then %x", words, again)
		}
	}
	if runtime.GOARCH == "amd64" && (len(words) < 20 || words[0] == 0) {
		t.Errorf("CPUID returned %x", words)
	}
}
