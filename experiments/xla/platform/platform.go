// Package platform gives the rest of the project its compute backend: it installs XLA's plugins ([Setup], [SetupCUDA]),
// makes a GoMLX backend out of one of them or of another ([New]), describes it for results files ([Describe]) and says
// what is missing ([Diagnose]). In programs that import it XLA's large buffers get huge pages, see package hostmemory;
// on the CPU variables are updated in place, see package inplace.
//
// XLA comes as a PJRT plugin, a shared library. It is looked for in the folders of $PJRT_PLUGIN_LIBRARY_PATH, then
// where Setup and SetupCUDA put it, then where go-xla's own installer puts it, then in $LD_LIBRARY_PATH.
package platform

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // Registers the backend "go".
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/gomlx/support/exceptions"
)

// xlaNames are the names that go-xla registers its backend under.
var xlaNames = []string{xla.BackendName, "stablehlo", "hlo", "shlo"}

// New makes the backend that config asks for. Nothing is ever downloaded here.
//
//   - "xla:cpu", "xla:cuda": XLA with the plugin of that name;
//   - "xla:/path/to/plugin.so": XLA with that plugin;
//   - "xla": XLA with its CUDA plugin if there is one and an NVIDIA device, else with its CPU plugin;
//   - "go": GoMLX's backend in pure Go, for unit tests: slow, and without some operations and gradients;
//   - "": what $GOMLX_BACKEND says, else as "xla".
//
// go-xla's options may follow the plugin, such as "xla:cuda,tf32=false".
//
// What XLA compiles for the CPU is kept on disk for the next process, see [XLACache].
//
// An error is one line: which plugin was not found and where it was looked for, that no GPU is visible, which backends
// there are, or what the plugin said.
func New(config string) (compute.Backend, error) {
	asked := config
	if asked == "" {
		asked = os.Getenv(compute.ConfigEnvVar)
	}
	name, rest, _ := strings.Cut(asked, ":")
	switch {
	case asked == "":
		name = xla.BackendName
	case !slices.Contains(compute.List(), name):
		return nil, fmt.Errorf("unknown backend %q: want go, xla:cpu, xla:cuda or xla:/path/to/plugin.so%s", asked, origin(config))
	}
	if !slices.Contains(xlaNames, name) {
		backend, err := newBackend(asked)
		if err != nil {
			return nil, fmt.Errorf("backend %q: %w%s", asked, err, origin(config))
		}
		return backend, nil
	}
	backend, err := newXLA(rest)
	if err != nil {
		return nil, fmt.Errorf("%w%s", err, origin(config))
	}
	return backend, nil
}

// NewExact is New without TF32, which CUDA uses for float32 matrix products by default: for comparisons of numbers.
func NewExact(config string) (compute.Backend, error) {
	backend, err := New(config)
	if err != nil {
		return nil, err
	}
	if b, ok := backend.(*xla.Backend); ok {
		b.DotGeneralUseTF32 = false
	}
	return backend, nil
}

// NewForPrograms makes a backend of XLA's CPU plugin for who wants the programs that are compiled, not their results.
// go-xla guesses from a plugin's path what it is for, and builds matrix products of 16 bits in a way of their own for the
// CPU: the plugin is opened through a link of another name, in a folder that must be there until the backend is finalized.
func NewForPrograms(dir string) (compute.Backend, error) {
	path, err := findPlugin(cpu)
	if err != nil {
		return nil, err
	}
	link := filepath.Join(dir, "plugin.so")
	if seenAs(link) != "" {
		return nil, fmt.Errorf("XLA takes a plugin in %s for one of %s because of the folder's name: set $TMPDIR to another one", dir, seenAs(link))
	}
	if err := os.Symlink(path, link); err != nil {
		return nil, fmt.Errorf("link to the XLA plugin %s: %w", path, err)
	}
	return New(xla.BackendName + ":" + link)
}

// origin says that the configuration came out of the environment, if it did.
func origin(config string) string {
	if config == "" && os.Getenv(compute.ConfigEnvVar) != "" {
		return " (from $" + compute.ConfigEnvVar + ")"
	}
	return ""
}

// newXLA makes an XLA backend; rest is the name or path of a plugin, or nothing, and go-xla's options.
func newXLA(rest string) (compute.Backend, error) {
	plugin, options, hasOptions := strings.Cut(rest, ",")
	if plugin == "" {
		plugin = defaultPlugin()
	}
	path, err := findPlugin(plugin)
	if err != nil {
		return nil, err
	}
	if err := checkLibrary(path); err != nil {
		return nil, err
	}
	named, done, err := nameFor(path)
	if err != nil {
		return nil, err
	}
	defer done()
	opening.Lock()
	defer opening.Unlock()
	if err := registerCache(named, path); err != nil {
		return nil, err
	}
	// An absolute path: go-xla reads $PJRT_PLUGIN_LIBRARY_PATH once, before main starts, and opens every plugin that it
	// finds by name, so that a damaged one beside the wanted one is fatal.
	config := xla.BackendName + ":" + named
	if hasOptions {
		config += "," + options
	}
	xla.EnableAutoInstall(false)
	backend, err := newBackend(config)
	if err != nil {
		if kind(path) == cuda && strings.Contains(err.Error(), "No visible GPU") {
			return nil, errNoGPU
		}
		return nil, fmt.Errorf("xla:%s with %s: %w", plugin, path, err)
	}
	return backend, nil
}

// newBackend is compute.NewWithConfig with one-line errors, also where GoMLX panics.
func newBackend(config string) (backend compute.Backend, err error) {
	if thrown := exceptions.Try(func() { backend, err = compute.NewWithConfig(config) }); thrown != nil {
		err = fmt.Errorf("%v", thrown)
	}
	if err != nil {
		return nil, errors.New(firstLine(err))
	}
	return backend, nil
}

// firstLine returns the message of err up to its first line break: GoMLX and go-xla put explanations after it.
func firstLine(err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	return line
}
