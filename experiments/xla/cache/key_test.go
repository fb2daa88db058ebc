package cache

import (
	"os"
	"path/filepath"
	"testing"
)

const (
	uuid1 = "0c8f5a9e_97a1_4d3c_9f40_0123456789ab"
	uuid2 = "7b1d2c3e_97a1_4d3c_8f40_ba9876543210"
	uuid3 = "ffffffff-97a1-4d3c-8f40-ba9876543210"
)

// TestKeyUUIDs: random names of values are left out of a key, and nothing else is.
func TestKeyUUIDs(t *testing.T) {
	of := func(code string) key { return program{format: "mlir", code: []byte(code)}.key("machine") }
	add := func(a, b, c, d string) string {
		return "func.func @main(%x_uuid_" + a + ": tensor<f32>, %_y_uuid_" + b + "_n: tensor<f32>) { add %x_uuid_" + c + ", %_y_uuid_" + d + "_n }"
	}
	same := of(add(uuid1, uuid2, uuid1, uuid2))
	for _, other := range []string{add(uuid2, uuid1, uuid2, uuid1), add(uuid3, uuid1, uuid3, uuid1)} {
		if of(other) != same {
			t.Errorf("%s has a key of its own", other)
		}
	}
	seen := map[key]string{same: add(uuid1, uuid2, uuid1, uuid2)}
	for _, code := range []string{
		add(uuid1, uuid2, uuid2, uuid1), // another program: the values are the other way round
		add(uuid1, uuid1, uuid1, uuid1),
		add("", "", "", ""),
		"@uuid_" + uuid1, "@uuid_" + uuid2, // symbols
		`"%uuid_ uuid_` + uuid1 + `"`, `"%uuid_ uuid_` + uuid2 + `"`, // texts
		"uuid_" + uuid1, "uuid_" + uuid2,
		"%uuid_" + uuid1[:35] + "g", "%uuid_" + uuid2[:35] + "g", "%uuid_" + uuid1[:35], "%uuid_", "uuid_", "%uuid_uuid_", "",
	} {
		k := of(code)
		if before, taken := seen[k]; taken {
			t.Errorf("%q has the key of %q", code, before)
		}
		seen[k] = code
	}
	binary := func(code string) key { return program{format: "hlo", code: []byte(code)}.key("machine") }
	if binary("%uuid_"+uuid1) == binary("%uuid_"+uuid2) {
		t.Error("what is not text is changed")
	}
}

// TestKeyParts: each part of a key counts, and none runs into the next.
func TestKeyParts(t *testing.T) {
	seen := map[key]int{}
	for i, of := range []struct{ machine, format, options, code string }{
		{"m", "mlir", "o", "c"}, {"n", "mlir", "o", "c"}, {"m", "hlo", "o", "c"}, {"m", "mlir", "p", "c"}, {"m", "mlir", "o", "d"},
		{"m", "mlir", "oc", ""}, {"m", "mlir", "", "oc"}, {"mm", "lir", "o", "c"}, {"", "", "", ""},
		{"m", "hlo", "oc", ""}, {"m", "hlo", "", "oc"},
	} {
		k := program{format: of.format, options: []byte(of.options), code: []byte(of.code)}.key(of.machine)
		if j, taken := seen[k]; taken {
			t.Errorf("cases %d and %d have one key", i, j)
		}
		seen[k] = i
	}
}

func TestFlags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "flags")
	if err := os.WriteFile(file, []byte("--xla_dump_to=/x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		env, flags string
		dumps      bool
	}{
		{"", "", false},
		{"--xla_cpu_enable_fast_math=true", "--xla_cpu_enable_fast_math=true", false},
		{"--a --xla_dump_to=/x", "--a --xla_dump_to=/x", true},
		{file, file + "\n--xla_dump_to=/x", true},
		{file + ".none", file + ".none", false},
	} {
		t.Setenv("XLA_FLAGS", test.env)
		if got := flags(); got != test.flags || dumps(got) != test.dumps {
			t.Errorf("$XLA_FLAGS=%q gives %q, dumps %v", test.env, got, dumps(got))
		}
	}
	t.Setenv("XLA_DEBUG_OPTIONS", `xla_dump_to: "/x"`)
	if !dumps("") {
		t.Error("$XLA_DEBUG_OPTIONS was not seen")
	}
}
