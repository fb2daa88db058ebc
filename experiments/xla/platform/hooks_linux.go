package platform

import (
	"errors"

	"github.com/reciprocalnorm/rn/experiments/xla/cache"
	"github.com/reciprocalnorm/rn/experiments/xla/forward"
	"github.com/reciprocalnorm/rn/experiments/xla/hostmemory"
	"github.com/reciprocalnorm/rn/experiments/xla/inplace"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
)

// compilers describes the plugins that this process has opened: by their file and flags when they were opened, which may
// have changed since. [opening] guards it.
var compilers = map[*forward.Plugin]*cache.Plugin{}

// putHooks puts the hooks of this project around the compiler of the CPU plugin at path, which go-xla is about to open by
// that name. The caller holds opening.
func putHooks(name, path string) error {
	if kind(path) != cpu {
		return nil
	}
	executables, err := XLACache()
	if err != nil {
		return err
	}
	plugin, err := forward.Open(path)
	if errors.Is(err, forward.ErrUnsupported) {
		return nil // go-xla opens the plugin by itself, and says what is wrong with it.
	}
	if err != nil {
		return err
	}
	compiler := compilers[plugin]
	if compiler == nil {
		compiler = &cache.Plugin{Version: plugin.Version(), Flags: xlaflags.Text()}
		compilers[plugin] = compiler
	}
	hooks := forward.Hooks{Rewrite: inplace.Alias, AfterCompile: hostmemory.TrimAfter}
	if executables != nil && digested(compiler, path, executables) {
		from := *compiler
		hooks.Compile = func(c *forward.Compilation) { executables.Compile(from, c) }
	}
	return plugin.Register(name, hooks)
}

// digested makes sure that a compiler has the digest of its file, and reports whether it has. The cache reports errors.
func digested(compiler *cache.Plugin, path string, executables *cache.Cache) bool {
	if compiler.Digest == "" {
		digest, err := executables.Digest(path)
		if err != nil {
			return false
		}
		compiler.Digest = digest
	}
	return true
}
