package fetch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Module is a pinned Go module, fetched for its files: none of its code is built.
type Module struct {
	Path    string // such as "gonum.org/v1/plot"
	Version string // exact version, such as "v0.17.0"
	Sum     string // sum of its files as in go.sum: "h1:" and 44 characters of base64
}

// String returns the module as the go command names it, such as "gonum.org/v1/plot@v0.17.0".
func (m Module) String() string { return m.Path + "@" + m.Version }

// validate returns an error that names an invalid field of m.
func (m Module) validate() error {
	if m.Path == "" || strings.HasPrefix(m.Path, "-") || strings.ContainsAny(m.Path, "@ \t\r\n") {
		return fmt.Errorf("module %s: path %q is not a module path", m, m.Path)
	}
	if !strings.HasPrefix(m.Version, "v") || strings.ContainsAny(m.Version, "@ \t\r\n") {
		return fmt.Errorf("module %s: version %q is not an exact version", m, m.Version)
	}
	if !strings.HasPrefix(m.Sum, "h1:") {
		return fmt.Errorf("module %s: sum %q is not an h1: sum", m, m.Sum)
	}
	return nil
}

// Dir returns the folder of the module's files in the go command's module cache (read-only, shared with other
// projects), after "go mod download" if need be. The go command verifies what it downloads, and Dir compares the sum
// with m.Sum.
//
// An error gives the reason: no go command, what it said, or the sum found and wanted.
func (m Module) Dir(ctx context.Context) (string, error) {
	if err := m.validate(); err != nil {
		return "", err
	}
	dir, err := m.dir(ctx)
	return dir, explain(ctx, "module "+m.String(), err)
}

// dir is Dir for a valid module.
func (m Module) dir(ctx context.Context) (string, error) {
	goCommand, err := exec.LookPath("go")
	if err != nil {
		return "", errors.New("no go command on PATH: install Go, which fetches the module")
	}
	work, err := os.MkdirTemp("", "rn-module-") // outside of this module, whose go.mod must not change
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	cmd := exec.CommandContext(ctx, goCommand, "mod", "download", "-json", m.String())
	cmd.Dir = work
	cmd.Env = append(os.Environ(), "GOWORK=off", "GO111MODULE=on", "GOFLAGS="+moduleFlags(os.Getenv("GOFLAGS")))
	cmd.WaitDelay = clientGrace
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	runErr := cmd.Run()

	// If a download fails, the go command writes the reason into its answer and exits with 1.
	var answer struct{ Error, Dir, Sum string }
	parseErr := json.Unmarshal(stdout.Bytes(), &answer)
	switch {
	case parseErr == nil && answer.Error != "":
		return "", fmt.Errorf("go mod download: %s", lastLines(answer.Error, 3))
	case runErr != nil:
		return "", fmt.Errorf("go mod download failed (%w): %s", runErr, lastLines(stderr.String(), 3))
	case parseErr != nil:
		return "", fmt.Errorf("answer of go mod download -json: %w", parseErr)
	case answer.Sum != m.Sum:
		return "", fmt.Errorf("sum is %s, want %s", answer.Sum, m.Sum)
	case answer.Dir == "":
		return "", errors.New("go mod download named no folder")
	}
	return answer.Dir, nil
}

// moduleFlags returns the user's $GOFLAGS without flags for another module's go.mod or vendor folder.
func moduleFlags(goflags string) string {
	kept := []string{"-mod=mod"}
	for _, flag := range strings.Fields(goflags) {
		name, _, _ := strings.Cut(strings.TrimLeft(flag, "-"), "=")
		if name != "mod" && name != "modfile" {
			kept = append(kept, flag)
		}
	}
	return strings.Join(kept, " ")
}
