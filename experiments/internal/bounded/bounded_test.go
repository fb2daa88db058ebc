package bounded

import "testing"

// recorder is a test that notes whether it failed.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }

var kept []byte

func TestAllocation(t *testing.T) {
	for _, c := range []struct {
		bytes int
		fails bool
	}{{0, false}, {Allowance / 2, false}, {Allowance, false}, {2*Allowance + 4*1000, true}} {
		var r recorder
		Allocation(&r, 1000, 4, func() { kept = make([]byte, c.bytes) })
		if r.failed != c.fails {
			t.Errorf("%d bytes: failed %t, want %t", c.bytes, r.failed, c.fails)
		}
	}
}
