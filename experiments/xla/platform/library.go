package platform

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
)

// elfMachines maps GOARCH to the machine for which a shared library must be built.
var elfMachines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// entryPoint is the function by which a PJRT plugin is used.
const entryPoint = "GetPjrtApi"

// checkLibrary returns an error if the plugin at path is missing, damaged, built for another machine or without the entry
// point, as far as its headers show: loading a truncated library may kill the process with a bus error, and the section
// headers are at the end.
func checkLibrary(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("XLA plugin: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return fmt.Errorf("XLA plugin %s is empty or not a file: remove it and run `%s`", path, setupCommand(path))
	}
	if runtime.GOOS != "linux" {
		return nil
	}
	library, err := elf.Open(path)
	if err != nil {
		return fmt.Errorf("XLA plugin %s is damaged (%w): remove it and run `%s`", path, err, setupCommand(path))
	}
	defer library.Close()
	if want, known := elfMachines[runtime.GOARCH]; known && library.Machine != want {
		return fmt.Errorf("XLA plugin %s is built for %v, but this machine is %v: remove it and run `%s`", path, library.Machine, want, setupCommand(path))
	}
	symbols, err := library.DynamicSymbols()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
		return fmt.Errorf("XLA plugin %s is damaged (%w): remove it and run `%s`", path, err, setupCommand(path))
	}
	if !slices.ContainsFunc(symbols, func(s elf.Symbol) bool { return s.Name == entryPoint && s.Section != elf.SHN_UNDEF }) {
		return fmt.Errorf("XLA plugin %s does not export %s, so it is not a PJRT plugin: remove it and run `%s`", path, entryPoint, setupCommand(path))
	}
	return nil
}

// setupCommand is the command that installs the plugin at path.
func setupCommand(path string) string {
	if kind(path) == cuda {
		return "rn setup --plugin cuda"
	}
	return "rn setup"
}
