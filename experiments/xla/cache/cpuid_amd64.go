package cache

// cpuid executes the CPUID instruction.
func cpuid(leaf, subleaf uint32) (eax, ebx, ecx, edx uint32)

// xgetbv reads the extended control register 0, which says which registers the system saves. The processor must have the
// feature OSXSAVE.
func xgetbv() (eax, edx uint32)

// osxsave is the bit of ECX of leaf 1 that says that the system uses XSAVE.
const osxsave = 1 << 27

// leaves are the leaves and subleaves that llvm::sys::getHostCPUName and getHostCPUFeatures read, with the registers
// (bits 0 to 3: EAX, EBX, ECX, EDX) whose values are the same on every core and in every process: EBX of leaf 1 holds the
// core's number, and the sizes in leaf 0xd change with what a process has asked for.
var leaves = []struct{ leaf, subleaf, registers uint32 }{
	{0, 0, 0xf}, {1, 0, 0xd}, {7, 0, 0xf}, {7, 1, 0xf}, {0xd, 1, 0x1},
	{0x14, 0, 0x2}, {0x19, 0, 0x2}, {0x1e, 1, 0x1}, {0x24, 0, 0x2}, {0x80000001, 0, 0xc},
	{0x80000008, 0, 0x2},
}

// cpuidWords returns what CPUID says of the processor, as far as LLVM derives names and features from it. Leaves that the
// processor does not have count as zeros.
func cpuidWords() (words []uint32) {
	for _, asked := range leaves {
		var r [4]uint32
		if last, _, _, _ := cpuid(asked.leaf&0x80000000, 0); asked.leaf <= last {
			r[0], r[1], r[2], r[3] = cpuid(asked.leaf, asked.subleaf)
		}
		for i, value := range r {
			if asked.registers>>i&1 != 0 {
				words = append(words, value)
			}
		}
	}
	if _, _, ecx, _ := cpuid(1, 0); ecx&osxsave != 0 {
		eax, edx := xgetbv()
		words = append(words, eax, edx)
	}
	return words
}
