package platform

import (
	"encoding/json"
	"strings"
	"testing"
)

// find returns the check of that name.
func find(t *testing.T, checks []Check, name string) Check {
	t.Helper()
	for _, check := range checks {
		if check.Name == name {
			return check
		}
	}
	t.Fatalf("no check %q among %+v", name, checks)
	return Check{}
}

func TestDiagnoseGo(t *testing.T) {
	isolate(t)
	checks := Diagnose(t.Context(), "go")
	for _, name := range []string{"go", "backend", "device", "computation"} {
		if check := find(t, checks, name); !check.OK || !check.Required || check.Fix != "" {
			t.Errorf("check is %+v, want it to be well", check)
		}
	}
	if check := find(t, checks, "cuda"); check.OK || check.Required {
		t.Errorf("check is %+v, want no CUDA and no need for it", check)
	}
}

func TestDiagnoseMissing(t *testing.T) {
	isolate(t)
	t.Setenv("PATH", t.TempDir())
	checks := Diagnose(t.Context(), "xla:cpu")
	backend := find(t, checks, "backend")
	if backend.OK || !backend.Required || !strings.Contains(backend.Detail, "rn setup") || backend.Fix == "" {
		t.Errorf("check is %+v, want the missing plugin and what to do", backend)
	}
	python := find(t, checks, "python3 with pip")
	if python.OK || python.Required || python.Fix == "" {
		t.Errorf("check is %+v, want python3 missing and not required", python)
	}
	data, err := json.Marshal(backend)
	if err != nil || !strings.HasPrefix(string(data), `{"name":"backend","ok":false,"required":true,"detail":"`) {
		t.Errorf("as JSON the check is %s, %v", data, err)
	}
}

func TestDiagnoseXLA(t *testing.T) {
	cachedPlugin(t)
	for _, name := range []string{"backend", "device", "computation"} {
		if check := find(t, Diagnose(t.Context(), "xla:cpu"), name); !check.OK {
			t.Errorf("check is %+v, want it to be well", check)
		}
	}
}
