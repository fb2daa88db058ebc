package cache

import "testing"

const (
	uuid1 = "0c8f5a9e_97a1_4d3c_9f40_0123456789ab"
	uuid2 = "7b1d2c3e_97a1_4d3c_8f40_ba9876543210"
	uuid3 = "ffffffff-97a1-4d3c-8f40-ba9876543210"
)

// TestKeyUUIDs: a key leaves out random names of values, and nothing else.
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
		t.Error("UUIDs in a binary program are left out")
	}
}

// TestKeyParts: every part of a key counts, and no part runs into the next.
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
