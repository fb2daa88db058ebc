// Package xlaflags reads and sets $XLA_FLAGS, the environment variable that XLA's plugins take their flags from. A plugin
// reads the variable once, when it first compiles: what is set later changes nothing in that process.
package xlaflags

import (
	"os"
	"strings"
)

// Env is the environment variable.
const Env = "XLA_FLAGS"

// debugOptionsEnv is another variable that go-xla takes flags from, as the text of a DebugOptions message.
const debugOptionsEnv = "XLA_DEBUG_OPTIONS"

// Fast has XLA compile fast rather than well: for tests, which compile far more than they compute.
const Fast = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"

// SetFast sets the flags to [Fast], for the TestMain of a package, unless the environment has flags already.
func SetFast() error {
	if os.Getenv(Env) != "" {
		return nil
	}
	return os.Setenv(Env, Fast)
}

// Add adds flags to the variable until restore is called.
func Add(flags string) (restore func(), err error) {
	before, set := os.LookupEnv(Env)
	if err := os.Setenv(Env, strings.TrimSpace(before+" "+flags)); err != nil {
		return nil, err
	}
	return func() {
		if set {
			_ = os.Setenv(Env, before) // It was set to that already, so it cannot fail.
		} else {
			_ = os.Unsetenv(Env)
		}
	}, nil
}

// Text returns the flags as XLA would read them now: the variable's value, followed by the file's content if the value
// names a file.
func Text() string {
	text := os.Getenv(Env)
	if name := strings.TrimSpace(text); name != "" && !strings.HasPrefix(name, "-") {
		if content, err := os.ReadFile(name); err == nil {
			text += "\n" + string(content)
		}
	}
	return text
}

// Dumps reports whether flags or $XLA_DEBUG_OPTIONS ask XLA to write down the programs that it compiles.
func Dumps(flags string) bool {
	const dump = "xla_dump"
	return strings.Contains(flags, dump) || strings.Contains(os.Getenv(debugOptionsEnv), dump)
}
