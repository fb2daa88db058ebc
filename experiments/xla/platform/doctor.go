package platform

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/xla/hostmemory"
	"github.com/reciprocalnorm/rn/experiments/xla/trusted"
)

// Check is one finding of [Diagnose].
type Check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Required is set for what nothing works without.
	Required bool `json:"required"`
	// Detail is a version, a path or a description of the problem.
	Detail string `json:"detail"`
	// Fix is the command that solves the problem, or "".
	Fix string `json:"fix,omitempty"`
}

// Diagnose checks everything that the command needs. It opens the backend that [New] makes of config.
func Diagnose(ctx context.Context, config string) []Check {
	checks := []Check{{Name: "go", OK: true, Required: true, Detail: runtime.Version()}}
	for _, module := range []string{"github.com/gomlx/gomlx", "github.com/gomlx/go-xla"} {
		checks = append(checks, Check{Name: module, OK: true, Required: true, Detail: ModuleVersion(module)})
	}
	checks = append(checks, backendChecks(config)...)
	huge := Check{Name: "huge pages"}
	huge.OK, huge.Detail = hostmemory.HugePages()
	checks = append(checks, huge)
	_, noCUDA := findPlugin("cuda")
	cuda := Check{Name: "cuda", OK: hasGPU() && noCUDA == nil, Detail: "plugin and GPU found"}
	switch {
	case !hasGPU():
		cuda.Detail = "no NVIDIA GPU: the CPU computes"
	case !cuda.OK:
		cuda.Detail, cuda.Fix = "the machine has a GPU but no CUDA plugin", "rn setup --plugin cuda"
	}
	return append(checks, cuda, notebookCheck(), programCheck(ctx, "python3 with pip", "set-up and notebooks", "python3", "-m", "pip", "--version"))
}

// backendChecks opens the backend, unless its plugin is damaged, and computes a sum with it.
func backendChecks(config string) []Check {
	var checks []Check
	if path, found := pluginOf(config); found {
		problem := verifyPlugin(path)
		if problem != nil && !errors.Is(problem, errUnchecked) {
			return []Check{{Name: "backend", Required: true, Detail: problem.Error(), Fix: setupCommand(path)}}
		}
		checks = append(checks, fileCheck(path, problem))
	}
	backend, err := New(config)
	if err != nil {
		check := Check{Name: "backend", Required: true, Detail: err.Error()}
		var fault *trusted.Error
		switch {
		case errors.As(err, &fault):
			check.Fix = fault.Fix
		case config == "" || config == "xla" || config == "xla:cpu":
			check.Fix = "make setup"
		}
		return append(checks, check)
	}
	defer backend.Finalize()
	info := Describe(backend)
	checks = append(checks,
		Check{Name: "backend", OK: true, Required: true, Detail: strings.TrimSpace(info.Backend + " " + info.Plugin + " " + info.PluginVersion + " " + info.PluginPath)},
		Check{Name: "device", OK: true, Required: true, Detail: fmt.Sprintf("%d × %s", info.Devices, info.Device)},
	)
	compute := Check{Name: "computation", Required: true, Detail: "1 + … + 1000 = 500500"}
	got, err := graph.CallOnce(backend, func(x *graph.Node) *graph.Node { return graph.ReduceAllSum(x) }, thousand())
	switch {
	case err != nil:
		compute.Detail = firstLine(err)
	case tensors.ToScalar[float32](got) != 500500:
		compute.Detail = fmt.Sprintf("1 + … + 1000 = %v, want 500500", got)
	default:
		compute.OK = true
	}
	if !compute.OK {
		compute.Fix = "remove the plugin's file and run make setup"
	}
	return append(checks, compute, cacheCheck(info))
}

// cacheCheck reports on the cache of executables, after the backend has computed something.
func cacheCheck(info Info) Check {
	check := Check{Name: "XLA cache"}
	cache, err := XLACache()
	switch {
	case err != nil:
		check.Detail = err.Error()
		return check
	case cache == nil:
		check.Detail, check.Fix = "off", "unset "+XLACacheEnv
		return check
	case info.Plugin != cpu:
		check.Detail = "works with XLA's CPU plugin only"
		return check
	}
	entries, size, err := cache.Usage()
	if err == nil {
		err = cache.Problem()
	}
	if err != nil {
		check.Detail, check.Fix = err.Error(), "rm -r "+cache.Dir+", or "+XLACacheEnv+"="+XLACacheOff
		var fault *trusted.Error
		if errors.As(err, &fault) {
			check.Fix = fault.Fix
		}
		return check
	}
	check.Detail = fmt.Sprintf("%s: %d entries, %.1f of %.0f MB; rm -r empties it", cache.Dir, entries, float64(size)/1e6, float64(cache.MaxBytes)/1e6)
	if stats := cache.Stats(); stats.Hits+stats.Misses == 0 {
		check.Detail += "; unused on this machine or with these $XLA_FLAGS"
		return check
	}
	check.OK = true
	return check
}

// notebookCheck looks for the programs that `make setup-notebooks` installs in the cache folder.
func notebookCheck() Check {
	check := Check{Name: "notebook tools", Detail: "not installed", Fix: "make setup-notebooks"}
	cache, err := fetch.CacheDir()
	if err != nil {
		check.Detail = err.Error()
		return check
	}
	kernels, kernelErr := filepath.Glob(filepath.Join(cache, "bin-*", "gonb"))
	tools, toolsErr := filepath.Glob(filepath.Join(cache, "venv-*", "bin", "jupyter"))
	if kernelErr == nil && toolsErr == nil && len(kernels) > 0 && len(tools) > 0 {
		return Check{Name: check.Name, OK: true, Detail: cache}
	}
	return check
}

// thousand returns the numbers 1 to 1000.
func thousand() []float32 {
	x := make([]float32, 1000)
	for i := range x {
		x[i] = float32(i + 1)
	}
	return x
}

// programCheck reports whether a program runs, with the first line of its output.
func programCheck(ctx context.Context, name, purpose string, command ...string) Check {
	out, err := exec.CommandContext(ctx, command[0], command[1:]...).Output()
	if err != nil {
		return Check{Name: name, Detail: "missing, needed for " + purpose, Fix: "install " + name}
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return Check{Name: name, OK: true, Detail: line}
}

// ModuleVersion returns the version of a module with which the program is built, or "unknown".
func ModuleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return "unknown"
}
