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

// xlaNames are the names under which go-xla registers its backend.
var xlaNames = []string{xla.BackendName, "stablehlo", "hlo", "shlo"}

// New makes the backend that config asks for. It never downloads anything.
//
//   - "xla:cpu", "xla:cuda": XLA with the plugin of that name;
//   - "xla:/path/to/plugin.so": XLA with that plugin;
//   - "xla": XLA with its CUDA plugin if the machine has it and an NVIDIA device, otherwise with its CPU plugin;
//   - "go": GoMLX's backend in pure Go, for unit tests: slow, and without some operations and gradients;
//   - "": the value of $GOMLX_BACKEND, or "xla" if it is empty.
//
// go-xla's options may follow the plugin, such as "xla:cuda,tf32=false".
//
// Executables of the CPU plugin are kept on disk for the next process, see [XLACache].
//
// New opens a plugin in this project's cache folder only if the user and root alone can have written it.
//
// An error is one line: which plugin is missing and where New looked for it, that no GPU is visible, which backends
// exist, how to mend a plugin that others can write, or the plugin's own message.
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

// NewExact is [New] without TF32, which CUDA uses for float32 matrix products by default. It is for comparing numbers.
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

// NewForPrograms makes a backend of XLA's CPU plugin for callers that want the compiled programs, not their results.
// go-xla guesses a plugin's device from its path, and builds 16-bit matrix products differently for the CPU. So the plugin
// is opened through a link of another name in dir, which must exist until the backend is finalized.
func NewForPrograms(dir string) (compute.Backend, error) {
	path, err := findPlugin(cpu)
	if err != nil {
		return nil, err
	}
	link := filepath.Join(dir, "plugin.so")
	if seenAs(link) != "" {
		return nil, fmt.Errorf("go-xla takes every plugin in %s for a %s plugin because of the folder's name: set $TMPDIR to another folder", dir, seenAs(link))
	}
	if err := os.Symlink(path, link); err != nil {
		return nil, fmt.Errorf("link to the XLA plugin %s: %w", path, err)
	}
	return New(xla.BackendName + ":" + link)
}

// origin is a remark for errors about a configuration that came from the environment.
func origin(config string) string {
	if config == "" && os.Getenv(compute.ConfigEnvVar) != "" {
		return " (from $" + compute.ConfigEnvVar + ")"
	}
	return ""
}

// pluginOf returns the path of the plugin that New would open for a configuration.
func pluginOf(config string) (path string, found bool) {
	if config == "" {
		config = os.Getenv(compute.ConfigEnvVar)
	}
	name, rest, _ := strings.Cut(config, ":")
	if config != "" && !slices.Contains(xlaNames, name) {
		return "", false
	}
	plugin, _, _ := strings.Cut(rest, ",")
	if plugin == "" {
		plugin = defaultPlugin()
	}
	path, err := findPlugin(plugin)
	return path, err == nil
}

// newXLA makes an XLA backend. rest is the name or path of a plugin, or nothing, followed by go-xla's options.
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
	if err := checkTrusted(path); err != nil {
		return nil, fmt.Errorf("XLA plugin: %w", err)
	}
	named, done, err := nameFor(path)
	if err != nil {
		return nil, err
	}
	defer done()
	opening.Lock()
	defer opening.Unlock()
	if err := putHooks(named, path); err != nil {
		return nil, err
	}
	// The path is absolute because go-xla reads $PJRT_PLUGIN_LIBRARY_PATH once, before main starts, and opens every plugin
	// that it finds by name: a damaged plugin beside the wanted one would be fatal.
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

// newBackend is compute.NewWithConfig with one-line errors, even when GoMLX panics.
func newBackend(config string) (backend compute.Backend, err error) {
	if thrown := exceptions.Try(func() { backend, err = compute.NewWithConfig(config) }); thrown != nil {
		err = fmt.Errorf("%v", thrown)
	}
	if err != nil {
		return nil, errors.New(firstLine(err))
	}
	return backend, nil
}

// firstLine returns the first line of err: GoMLX and go-xla add explanations on further lines.
func firstLine(err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	return line
}
