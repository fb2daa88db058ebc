package notebooks_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestExecute runs notebooks that succeed and notebooks that fail through execute.sh, as `make notebooks` does.
func TestExecute(t *testing.T) {
	requireTools(t)
	const setup = "%noautoget"
	tests := []struct {
		name  string
		cells []string
		want  []string // parts of the error; none if the notebook succeeds
	}{
		{"success", []string{setup, "%%\nfmt.Println(6*7, os.Getenv(\"RN_NOTEBOOK_PROFILE\"))"}, nil},
		{"panic", []string{setup, "%%\npanic(\"boom\")"}, []string{"code cell 2 failed", "panic: boom"}},
		{"exit", []string{setup, "%%\nos.Exit(3)"}, []string{"code cell 2 failed", "exit status 3"}},
		{"compile", []string{setup, "%%\nfmt.Println(nowhere)"}, []string{"code cell 2 failed", "Cell[2]: Line 2", "undefined: nowhere"}},
		{"shell", []string{setup, "!exit 7", "%%\nfmt.Println(1)"}, []string{"code cell 2 failed", "shell command", "exit status 7"}},
	}
	var paths []string
	dir := t.TempDir()
	for _, test := range tests {
		path := filepath.Join(dir, test.name+".ipynb")
		if err := os.WriteFile(path, newNotebook(t, "gonb", test.cells...), 0o644); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}

	// One start for all: execute.sh reports each notebook separately, and continues after a failure.
	out := filepath.Join(dir, "out")
	counts := filepath.Join(dir, "counts")
	run := execute(t, nil, append([]string{"--out", out, "--count", counts}, paths...)...)
	if run.status != 1 {
		t.Fatalf("exit status %d, want 1\n%s%s", run.status, run.stdout, run.stderr)
	}
	if got, err := os.ReadFile(counts); err != nil || string(got) != "1 4 0\n" {
		t.Errorf("--count wrote %q, %v; want \"1 4 0\\n\"", got, err)
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			verdict := "ok   "
			if test.want != nil {
				verdict = "FAIL "
			}
			if !strings.Contains(run.stdout, verdict+test.name+".ipynb") {
				t.Errorf("standard output has no %q:\n%s", verdict+test.name+".ipynb", run.stdout)
			}
			report := reportOf(run.stderr, paths[i])
			if test.want == nil && report != "" {
				t.Errorf("unexpected error: %s", report)
			}
			for _, want := range test.want {
				if !strings.Contains(report, want) {
					t.Errorf("the error does not say %q: %s", want, report)
				}
			}
			if _, err := os.Stat(filepath.Join(out, test.name+".html")); err != nil {
				t.Errorf("no HTML page: %v", err)
			}
		})
	}

	executed := readNotebook(t, filepath.Join(out, "success.ipynb"))
	if outputs := *executed.Cells[1].Outputs; len(outputs) != 1 || outputs[0].Text != "42 quick\n" {
		t.Errorf("outputs of the second cell: %+v, want the text \"42 quick\\n\"", outputs)
	}
	if unchanged := readNotebook(t, paths[0]); len(*unchanged.Cells[1].Outputs) != 0 {
		t.Error("execute.sh changed the notebook without --in-place")
	}
}

func TestExecuteInPlace(t *testing.T) {
	requireTools(t)
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.ipynb"), filepath.Join(dir, "bad.ipynb")
	badData := newNotebook(t, "gonb", "%noautoget", "%%\npanic(1)")
	for path, data := range map[string][]byte{
		good: newNotebook(t, "gonb", "%noautoget", "import \"github.com/reciprocalnorm/rn/experiments/verify/golden\"\n%%\nn, err := golden.Size([]int{6, 7})\nfmt.Println(n, err, os.Getenv(\"RN_NOTEBOOK_PROFILE\"))"),
		bad:  badData,
	} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := execute(t, []string{"RN_NOTEBOOK_PROFILE=full"}, "--in-place", "--out", filepath.Join(dir, "out"), good, bad)
	if run.status != 1 {
		t.Fatalf("exit status %d, want 1\n%s%s", run.status, run.stdout, run.stderr)
	}
	stored := readNotebook(t, good)
	if outputs := *stored.Cells[1].Outputs; len(outputs) != 1 || outputs[0].Text != "42 <nil> full\n" {
		t.Errorf("stored outputs %+v, want the text \"42 <nil> full\\n\"", outputs)
	}
	data, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range checkNotebook(data) {
		t.Errorf("the stored notebook: %s", problem)
	}
	if data, err := os.ReadFile(bad); err != nil || !bytes.Equal(data, badData) {
		t.Errorf("execute.sh overwrote a failed notebook (%v)", err)
	}
}

// TestExecuteRefuses covers failures before a kernel starts.
func TestExecuteRefuses(t *testing.T) {
	requireTools(t)
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tests := []struct {
		name   string
		env    []string
		args   []string
		status int
		want   string
	}{
		{"unknown kernel", nil, []string{write("kernel.ipynb", newNotebook(t, "cobol", "1"))}, 1, `kernel "cobol" is not installed (installed: gonb`},
		{"not a notebook", nil, []string{write("broken.ipynb", []byte("{"))}, 1, "broken.ipynb: not a notebook"},
		{"no such notebook", nil, []string{filepath.Join(dir, "absent.ipynb")}, 1, "absent.ipynb: no such file"},
		{"unknown profile", []string{"RN_NOTEBOOK_PROFILE=fast"}, nil, 2, `RN_NOTEBOOK_PROFILE="fast": must be quick or full`},
		{"no time", nil, []string{"--timeout", "0"}, 2, "--timeout 0: must be more than 0 seconds"},
		{"tools not installed", []string{"RN_CACHE=" + filepath.Join(dir, "empty")}, nil, 1, "run: make setup-notebooks"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			run := execute(t, test.env, append([]string{"--out", filepath.Join(dir, "out")}, test.args...)...)
			if run.status != test.status || !strings.Contains(run.stderr, test.want) {
				t.Errorf("exit status %d, want %d; standard error, want %q in it:\n%s", run.status, test.status, test.want, run.stderr)
			}
		})
	}
}

type result struct {
	status         int
	stdout, stderr string
}

// execute runs execute.sh, with RN_NOTEBOOK_PROFILE unset unless env sets it.
func execute(t *testing.T, env []string, args ...string) result {
	t.Helper()
	cmd := exec.Command("./execute.sh", args...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "RN_NOTEBOOK_PROFILE=") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, env...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// requireTools skips the test if setup.sh has not installed the tools. It reads the scripts, so that go test
// reruns the test after a change of them.
func requireTools(t *testing.T) {
	t.Helper()
	for _, script := range []string{"env.sh", "setup.sh", "execute.sh", "execute.py", "requirements.txt", "../go.mod"} {
		if _, err := os.ReadFile(script); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("./setup.sh", "--check").CombinedOutput(); err != nil {
		t.Skipf("the notebook tools are missing: %s", out)
	}
}

// reportOf returns the lines of stderr about one notebook: from "path: " to the lines about the next.
func reportOf(stderr, path string) string {
	_, report, found := strings.Cut(stderr, path+": ")
	if !found {
		return ""
	}
	report, _, _ = strings.Cut(report, "\n"+filepath.Dir(path))
	return report
}

func readNotebook(t *testing.T, path string) notebook {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var nb notebook
	if err := json.Unmarshal(data, &nb); err != nil {
		t.Fatal(err)
	}
	return nb
}
