package cache

import (
	"fmt"
	"time"

	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
)

// Plugin is the compiler, as far as keys depend on it.
type Plugin struct {
	Digest  string // sha256 of its file, see [Cache.Digest]
	Version string // of PJRT, such as "0.115"
	Flags   string // [xlaflags.Text] when it was opened, as it may have read them then
}

// Compilation is one program to compile. Package forward says more about the methods.
type Compilation interface {
	Program() (format string, code, options []byte)
	Platform() (version string, devices []string, err error)
	Compile() error
	Load(executable []byte) error
	Serialize() (executable []byte, free func(), err error)
}

// Compile ends a compilation: it loads the program's executable, or compiles the program and keeps the executable. If
// the cache cannot do its work, or XLA is asked to dump programs, the compilation may still be open when Compile returns.
func (c *Cache) Compile(plugin Plugin, job Compilation) {
	if xlaflags.Dumps(plugin.Flags) || xlaflags.Dumps(xlaflags.Text()) {
		return // XLA dumps only what it compiles.
	}
	machine, err := machine(plugin, job)
	if err != nil {
		c.failed.Add(1)
		c.warn(err)
		return
	}
	format, code, options := job.Program()
	k := program{format: format, code: code, options: options}.key(machine)
	start := time.Now()
	if executable, found := c.read(k); found {
		if err := job.Load(executable); err != nil {
			c.discard(k, err)
		} else {
			c.hits.Add(1)
			c.loading.Add(int64(time.Since(start)))
			return
		}
	}
	start = time.Now()
	if job.Compile() != nil {
		return
	}
	took := time.Since(start)
	c.misses.Add(1)
	c.compiling.Add(int64(took))
	if took >= c.MinCompile {
		c.store(k, job)
	}
}

// store keeps the executable of a compilation.
func (c *Cache) store(k key, job Compilation) {
	if c.full.Load() {
		return
	}
	executable, free, err := job.Serialize()
	if err != nil {
		c.failed.Add(1)
		c.warn(fmt.Errorf("an executable is not kept: %w", err))
		return
	}
	defer free()
	if c.write(k, executable) {
		c.stored.Add(1)
	}
}

// machine returns everything that a key covers besides the program.
func machine(plugin Plugin, job Compilation) (string, error) {
	cpu, err := processor()
	if err != nil {
		return "", err
	}
	version, devices, err := job.Platform()
	if err != nil {
		return "", err
	}
	described := fmt.Sprintf("%q %s %q %q %q %q %q", plugin.Digest, plugin.Version, plugin.Flags, xlaflags.Text(), cpu, threads(), version)
	for _, device := range devices {
		described += fmt.Sprintf(" %q", device)
	}
	return described, nil
}
