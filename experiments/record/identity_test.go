package record

import (
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// TestIdentity: each part of an identity changes the id, and the difference says
// which part it is.
func TestIdentity(t *testing.T) {
	r := toyResult(t, 0, 0.5)
	r.Digests = map[string]string{DigestSource: "aaa", DigestTarget: "bbb", DigestWeights: "ccc"}
	r.GitCommit, r.Platform = "v1", platform.Info{Backend: "xla", Plugin: "cpu"}
	id := r.Identity()
	if id.Backend != "cpu" || id.Devices != 1 || len(id.Differences(id)) != 0 {
		t.Errorf("identity %+v, differences to itself %v", id, id.Differences(id))
	}
	for want, change := range map[string]func(r *Result){
		`configuration (steps=800, now steps=7)`: func(r *Result) { r.Config.Steps = 7 },
		"source data (aaa, now abc)": func(r *Result) {
			r.Digests = map[string]string{DigestSource: "abc", DigestTarget: "bbb", DigestWeights: "ccc"}
		},
		"pretrained weights (ccc, now unknown)": func(r *Result) { r.Digests = map[string]string{DigestSource: "aaa", DigestTarget: "bbb"} },
		"code version (v1, now v2)":             func(r *Result) { r.GitCommit = "v2" },
		"backend (cpu, now cuda)":               func(r *Result) { r.Platform.Plugin = "cuda" },
		"devices (1, now 2)":                    func(r *Result) { r.Devices = 2 },
	} {
		other := r
		change(&other)
		if other.Identity().ID() == id.ID() {
			t.Errorf("%s: the same id", want)
		}
		if got := strings.Join(id.Differences(other.Identity()), "; "); got != want {
			t.Errorf("differences %q, want %q", got, want)
		}
	}
	seed := r
	seed.Config.Seed, seed.GitCommit = 5, "v2"
	if seed.GroupID() != r.GroupID() {
		t.Error("another seed is of another group")
	}
	seed.Digests = nil
	if seed.GroupID() == r.GroupID() {
		t.Error("other data are of the same group")
	}
}

// TestOlderResults: the first results call InfoMax label_free.
func TestOlderResults(t *testing.T) {
	var a Accuracy
	if err := a.UnmarshalJSON([]byte(`{"last": 0.1, "label_free": 0.2, "oracle": 0.3}`)); err != nil || a != (Accuracy{Last: 0.1, InfoMax: 0.2, Oracle: 0.3}) {
		t.Errorf("%+v, %v", a, err)
	}
}
