package forward

import "time"

// Hooks run around every compilation of a plugin, in this order. Each of them may be nil, and may be called from several
// goroutines at once.
type Hooks struct {
	// Rewrite returns the StableHLO to compile in place of a program. It may neither change nor keep its argument.
	Rewrite func(program []byte) []byte
	// Compile may call Load, with an executable that was serialized earlier, or Compile. If it does neither, or Load
	// fails, the plugin compiles the program after the hook returns.
	Compile func(*Compilation)
	// AfterCompile is told how long Rewrite, Compile and the plugin took together.
	AfterCompile func(took time.Duration)
}
