package platform

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// sumSuffix ends the name of the file that records, beside an installed plugin, the sha256 that it had.
const sumSuffix = ".sha256"

// errUnchecked is the error about a plugin that may be whole: its sha256 is neither pinned nor recorded.
var errUnchecked = errors.New("unchecked")

// verifyPlugin returns an error if the plugin at path is damaged: if checkLibrary finds a problem, or if its sha256 is
// neither the pinned one nor the one that was recorded when it was installed. The error is errUnchecked if there is
// nothing to compare the sha256 with.
func verifyPlugin(path string) error {
	if err := checkLibrary(path); err != nil {
		return err
	}
	got, err := fetch.SHA256File(path)
	if err != nil {
		return fmt.Errorf("XLA plugin: %w", err)
	}
	if got == map[string]string{cpu: cpuWheelMemberSHA256, cuda: cudaWheelMemberSHA256}[kind(path)] {
		return nil
	}
	recorded, err := os.ReadFile(path + sumSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("XLA plugin %s is %w: its sha256 is %s, and `%s` has not recorded one", path, errUnchecked, got, setupCommand(path))
	}
	if err != nil {
		return fmt.Errorf("XLA plugin: %w", err)
	}
	if want := strings.TrimSpace(string(recorded)); got != want {
		return fmt.Errorf("XLA plugin %s is damaged: its sha256 is %s, but it was %s when it was installed: run `%s`", path, got, want, setupCommand(path))
	}
	return nil
}

// recordSum records the sha256 of a file for the plugin that it will become at dest.
func recordSum(file, dest string) error {
	sum, err := fetch.SHA256File(file)
	if err != nil {
		return err
	}
	return os.WriteFile(dest+sumSuffix, []byte(sum+"\n"), 0o644)
}

// keepSum records the sha256 of a verified plugin, unless a record is there already: a later [Diagnose] can then tell a
// damaged plugin from one that it does not know.
func keepSum(path string) error {
	if _, err := os.Stat(path + sumSuffix); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return recordSum(path, path)
}

// fileCheck reports whether the file of a plugin can be verified. A plugin that Setup did not install cannot.
func fileCheck(path string, problem error) Check {
	check := Check{Name: "plugin file", OK: problem == nil, Detail: "its sha256 is the pinned or recorded one"}
	if !errors.Is(problem, errUnchecked) {
		return check
	}
	check.Detail = problem.Error()
	if dir, err := pluginDir(); err == nil && filepath.Dir(path) == dir {
		check.Fix = setupCommand(path)
	} else {
		check.OK = true
	}
	return check
}
