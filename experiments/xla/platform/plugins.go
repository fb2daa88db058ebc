package platform

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/gomlx/go-xla/installer"
	"github.com/gomlx/go-xla/pjrt"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// The kinds of plugins, which are also their names.
const (
	cpu  = "cpu"
	cuda = "cuda"
)

// errNoGPU is the error about CUDA on a machine, or in a container, without a GPU.
var errNoGPU = errors.New("xla:cuda needs an NVIDIA GPU, and no NVIDIA GPU is visible: give the container access to its GPUs, or use xla:cpu")

// pluginFile finds the name of a plugin in its file name, as go-xla does: "cpu" in pjrt_c_api_cpu_plugin.so.
var pluginFile = regexp.MustCompile(`^(?:pjrt_c_api_(.+)_plugin|pjrt[-_]plugin[-_](.+))\.(?:so|dylib|dll)$`)

// pluginName returns the name of the plugin at path without its version, or "" if the file is not named like a plugin.
func pluginName(path string) string {
	m := pluginFile.FindStringSubmatch(filepath.Base(path))
	if m == nil {
		return ""
	}
	name, _, _ := strings.Cut(m[1]+m[2], "_v")
	return name
}

// kind returns cpu or cuda for the plugins that go-xla treats specially, otherwise "". Like go-xla it goes by the name,
// but by the file's name alone, without the folders'.
func kind(path string) string {
	base := strings.ToLower(filepath.Base(path))
	switch {
	case pjrt.IsCUDAName(base):
		return cuda
	case strings.Contains(base, cpu):
		return cpu
	}
	return ""
}

// pluginDir returns the folder in which Setup installs the CPU plugin.
func pluginDir() (string, error) {
	cache, err := fetch.CacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "pjrt"), nil
}

// userFolders returns the folders that $PJRT_PLUGIN_LIBRARY_PATH names.
func userFolders() []string { return folderList(pjrt.PJRTPluginPathsEnv) }

// folderList returns the folders that an environment variable lists.
func folderList(env string) []string {
	return slices.DeleteFunc(filepath.SplitList(os.Getenv(env)), func(dir string) bool { return dir == "" })
}

// searchFolders returns the folders in which New looks for plugins, in order.
func searchFolders() []string {
	folders := userFolders()
	if dir, err := pluginDir(); err == nil {
		folders = append(folders, dir, filepath.Join(dir, cudaDir))
	}
	var defaults []string
	if lib, err := installer.DefaultHomeLibPath(); err == nil {
		defaults = append(defaults, lib)
	}
	if runtime.GOOS != "windows" {
		defaults = append(defaults, "/usr/local/lib")
	}
	for _, lib := range defaults {
		dir := filepath.Join(lib, "go-xla")
		folders = append(folders, dir, filepath.Join(dir, "nvidia"))
	}
	return append(folders, folderList("LD_LIBRARY_PATH")...)
}

// pluginIn returns the path of a plugin in the first folder that has it. Among several versions in one folder it prefers
// the file without a version, then the last one by name.
func pluginIn(folders []string, name string) (path string, found bool) {
	for _, dir := range folders {
		entries, err := os.ReadDir(dir) // Sorted by name.
		if err != nil {
			continue
		}
		best := ""
		for _, entry := range entries {
			if pluginName(entry.Name()) != name {
				continue
			}
			if best = entry.Name(); !strings.Contains(best, name+"_v") {
				break
			}
		}
		if best == "" {
			continue
		}
		if abs, err := filepath.Abs(filepath.Join(dir, best)); err == nil {
			return abs, true
		}
	}
	return "", false
}

// defaultPlugin returns cuda on machines with a CUDA plugin and an NVIDIA device, otherwise cpu.
func defaultPlugin() string {
	if hasGPU() {
		if _, found := pluginIn(searchFolders(), cuda); found {
			return cuda
		}
	}
	return cpu
}

// findPlugin returns the absolute path of a plugin, which is given by its name or by that path.
func findPlugin(plugin string) (string, error) {
	if filepath.IsAbs(plugin) {
		if _, err := os.Stat(plugin); err != nil {
			return "", fmt.Errorf("XLA plugin: %w", err)
		}
		return plugin, nil
	}
	folders := searchFolders()
	path, found := pluginIn(folders, plugin)
	switch {
	case found && plugin == cuda && !hasGPU():
		return "", errNoGPU
	case found:
		return path, nil
	case plugin == cpu:
		return "", fmt.Errorf("no XLA plugin for %q found in %s: run `rn setup` (or make setup)", plugin, strings.Join(folders, ", "))
	case plugin == cuda:
		return "", fmt.Errorf("no CUDA plugin found in %s: run `rn setup --plugin cuda`, "+
			"use the project's CUDA container, name the plugin's folder in $%s, or use xla:cpu", strings.Join(folders, ", "), pjrt.PJRTPluginPathsEnv)
	}
	return "", fmt.Errorf("no XLA plugin for %q found in %s: available are %s",
		plugin, strings.Join(folders, ", "), pluginNames(folders))
}

// pluginNames lists the names of the plugins in folders, or "none".
func pluginNames(folders []string) string {
	var names []string
	for _, dir := range folders {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			if name := pluginName(entry.Name()); name != "" && !slices.Contains(names, "xla:"+name) {
				names = append(names, "xla:"+name)
			}
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ", ")
}
