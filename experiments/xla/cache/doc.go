// Package cache keeps the executables that XLA compiles in a folder, so that the next process loads them instead of
// compiling again. It asks for compiling, loading and serializing through [Compilation], which package forward
// implements for PJRT plugins:
//
//	executables, err := cache.New(cache.Config{Dir: dir})
//	digest, err := executables.Digest(path) // of the plugin's file
//	from := cache.Plugin{Digest: digest, Version: plugin.Version(), Flags: xlaflags.Text()}
//	err = plugin.Register(path, forward.Hooks{Compile: func(c *forward.Compilation) { executables.Compile(from, c) }})
//
// The key of an entry covers everything that made the executable: program, compile options, $XLA_FLAGS, the plugin's
// file and PJRT version, the client's devices, and the processor with its features. A loaded executable is the compiled
// one, so results are the same bit for bit. Nothing that goes wrong with the cache ends a program: if an entry is
// damaged or the plugin refuses it, the program is compiled again; if the folder is not writable, every program is
// compiled.
//
// Entries are machine code that the process executes. The cache switches itself off if another user than the process's
// and root owns the folder, a folder above it up to [Config.Root], or an entry, or if others can write to one of them.
package cache
