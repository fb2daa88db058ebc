package fetch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const moduleSum = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

func testModule() Module { return Module{Path: "example.com/data", Version: "v1.2.3", Sum: moduleSum} }

func TestModuleDir(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	fakeCommand(t, "go", fmt.Sprintf(`echo "$@" "$PWD" "work=$GOWORK" "flags=$GOFLAGS" > %q
echo '{"Path": "example.com/data", "Version": "v1.2.3", "Dir": "/modules/data", "Sum": "%s"}'
`, log, moduleSum))
	t.Setenv("GOFLAGS", "-mod=vendor -modcacherw --modfile=x")
	working, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := testModule().Dir(t.Context())
	if err != nil || dir != "/modules/data" {
		t.Fatalf("Dir() = %q, %v", dir, err)
	}
	asked, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(asked), "mod download -json example.com/data@v1.2.3 ") ||
		!strings.HasSuffix(string(asked), " work=off flags=-mod=mod -modcacherw\n") {
		t.Errorf("the go command was called with %q", asked)
	}
	if strings.Contains(string(asked), working) {
		t.Errorf("the go command ran inside this module: %q", asked)
	}
}

func TestModuleDirErrors(t *testing.T) {
	for _, test := range []struct {
		name, script string
		edit         func(m *Module)
		want         []string
	}{
		{name: "download", script: `echo '{"Error": "example.com/data@v1.2.3: invalid version: unknown revision v1.2.3"}'; exit 1`,
			want: []string{"unknown revision v1.2.3"}},
		{name: "failed", script: "echo 'go: no such flag' >&2; exit 2", want: []string{"exit status 2", "no such flag"}},
		{name: "answer", script: "echo none", want: []string{"answer of go mod download"}},
		{name: "sum", script: `echo '{"Dir": "/d", "Sum": "h1:other="}'`, want: []string{"sum is h1:other=", "want " + moduleSum}},
		{name: "folder", script: `echo '{"Sum": "` + moduleSum + `"}'`, want: []string{"no folder"}},
		{name: "path", edit: func(m *Module) { m.Path = "-x" }, want: []string{`path "-x"`}},
		{name: "version", edit: func(m *Module) { m.Version = "latest" }, want: []string{`version "latest"`}},
		{name: "pinned sum", edit: func(m *Module) { m.Sum = "" }, want: []string{`sum ""`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			fakeCommand(t, "go", test.script+"\n")
			m := testModule()
			if test.edit != nil {
				test.edit(&m)
			}
			_, err := m.Dir(t.Context())
			wantError(t, err, append(test.want, m.String())...)
		})
	}
	t.Run("no go", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		_, err := testModule().Dir(t.Context())
		wantError(t, err, "no go command")
	})
}

// TestModuleDirReal asks the real go command for a module that this one needs, so that it is in the module cache.
func TestModuleDirReal(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Version}} {{.Dir}}", "github.com/gofrs/flock").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	fields := strings.Fields(string(out))
	if len(fields) != 3 {
		t.Fatalf("go list said %q", out)
	}
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOSUMDB", "off") // not needed to build this module, which has a go.sum
	m := Module{Path: fields[0], Version: fields[1], Sum: "h1:95JolYOvGMqeH31+FC7D2+uULf6mG61mEZ/A8dRYMzw="}
	dir, err := m.Dir(t.Context())
	if err != nil || dir != fields[2] {
		t.Errorf("Dir() = %q, %v, want %q", dir, err, fields[2])
	}
}
