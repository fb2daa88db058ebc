package xlaflags

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/go-xla/pjrt"
)

func TestText(t *testing.T) {
	file := filepath.Join(t.TempDir(), "flags")
	if err := os.WriteFile(file, []byte("--xla_dump_to=/x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		env, text string
		dumps     bool
	}{
		{"", "", false},
		{"--xla_cpu_enable_fast_math=true", "--xla_cpu_enable_fast_math=true", false},
		{"--a --xla_dump_to=/x", "--a --xla_dump_to=/x", true},
		{file, file + "\n--xla_dump_to=/x", true},
		{file + ".none", file + ".none", false},
	} {
		t.Setenv(Env, test.env)
		if got := Text(); got != test.text || Dumps(got) != test.dumps {
			t.Errorf("$XLA_FLAGS=%q reads as %q, dumps: %v", test.env, got, Dumps(got))
		}
	}
	t.Setenv(pjrt.EnvXlaDebugOptions, `xla_dump_to: "/x"`)
	if !Dumps("") {
		t.Errorf("a dump that $%s asks for does not count", pjrt.EnvXlaDebugOptions)
	}
}

// unset removes the variable until the test ends.
func unset(t *testing.T) {
	t.Helper()
	t.Setenv(Env, "")
	if err := os.Unsetenv(Env); err != nil {
		t.Fatal(err)
	}
}

func TestAdd(t *testing.T) {
	for _, c := range []struct {
		before string
		set    bool
		during string
	}{{"--a", true, "--a --b"}, {"", true, "--b"}, {"", false, "--b"}} {
		unset(t)
		if c.set {
			t.Setenv(Env, c.before)
		}
		restore, err := Add("--b")
		if err != nil {
			t.Fatal(err)
		}
		if got := os.Getenv(Env); got != c.during {
			t.Errorf("%+v: the variable is %q", c, got)
		}
		restore()
		if got, set := os.LookupEnv(Env); got != c.before || set != c.set {
			t.Errorf("%+v: restored to %q, set: %v", c, got, set)
		}
	}
}

func TestSetFast(t *testing.T) {
	for before, want := range map[string]string{"": Fast, "--mine": "--mine"} {
		t.Setenv(Env, before)
		if err := SetFast(); err != nil {
			t.Fatal(err)
		}
		if got := os.Getenv(Env); got != want {
			t.Errorf("from %q: the variable is %q, want %q", before, got, want)
		}
	}
}
