package platform

import (
	"debug/elf"
	"fmt"
	"os"
	"runtime"
)

// elfMachines maps GOARCH to the machine that a shared library has to be built for.
var elfMachines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// checkLibrary returns an error if the plugin at path cannot be loaded for a reason that is cheap to see. Loading a
// truncated library may kill the process with a bus error, and a library's section headers are at its end.
func checkLibrary(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("XLA plugin: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return fmt.Errorf("XLA plugin %s is not a file with something in it: remove it and run `%s`", path, setupCommand(path))
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
		return fmt.Errorf("XLA plugin %s is built for %v, this machine is %v: remove it and run `%s`", path, library.Machine, want, setupCommand(path))
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
