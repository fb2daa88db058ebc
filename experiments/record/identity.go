package record

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// Identity is everything that decides the numbers of a run. A stored or
// half-finished run may stand for a wanted one only if their identities are equal.
type Identity struct {
	Config config.Config `json:"config"`
	// Digests are sha256 sums of the images of each domain and of the pretrained
	// weights.
	Digests map[string]string `json:"digests"`
	// Version is the version of the code, see [CodeVersion].
	Version string `json:"version"`
	// Backend is the kind of backend, see [BackendKind].
	Backend string `json:"backend"`
	// Devices is the number of devices that share a training step, at least 1.
	Devices int `json:"devices"`
}

// ID names the run in results and folders: 12 hexadecimal digits of the hash of
// the identity.
func (i Identity) ID() string {
	data, err := json.Marshal(i)
	if err != nil {
		panic(err) // every field of an Identity has a JSON form
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}

// Differences says in which parts the identity of a stored run differs from the
// wanted one, with both values, such as "code version (1a2b, now 3c4d)". It is
// empty for equal identities.
func (i Identity) Differences(wanted Identity) []string {
	var found []string
	add := func(part, stored, now string) {
		if stored != now {
			found = append(found, fmt.Sprintf("%s (%s, now %s)", part, cmp.Or(stored, "unknown"), cmp.Or(now, "unknown")))
		}
	}
	for _, field := range config.Changes(i.Config, wanted.Config) {
		a, b := config.Edit{Field: field, Value: i.Config.Field(field)}, config.Edit{Field: field, Value: wanted.Config.Field(field)}
		found = append(found, fmt.Sprintf("configuration (%s, now %s)", a, b))
	}
	all := maps.Clone(i.Digests)
	if all == nil {
		all = make(map[string]string)
	}
	maps.Copy(all, wanted.Digests)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		const shown = 12
		short := func(digest string) string { return digest[:min(len(digest), shown)] }
		if a, b := i.Digests[name], wanted.Digests[name]; a != b {
			add(cmp.Or(digestNames[name], name), short(a), short(b))
		}
	}
	add("code version", i.Version, wanted.Version)
	add("backend", i.Backend, wanted.Backend)
	add("devices", fmt.Sprint(i.Devices), fmt.Sprint(wanted.Devices))
	return found
}

// Names of a result's digests.
const (
	DigestSource  = "source"  // the source's training images and labels
	DigestTarget  = "target"  // the target's training images
	DigestTest    = "test"    // the target's test images and labels
	DigestWeights = "weights" // the file of pretrained weights
)

// digestNames are the digests' names in messages.
var digestNames = map[string]string{
	DigestSource: "source data", DigestTarget: "target data", DigestTest: "test data", DigestWeights: "pretrained weights",
}

// Identity is the identity of the run that made the result.
func (r Result) Identity() Identity {
	return Identity{Config: r.Config, Digests: r.Digests, Version: r.GitCommit, Backend: BackendKind(r.Platform), Devices: max(r.Devices, 1)}
}

// BackendKind is "cpu" or "cuda" for XLA's plugins, and else the backend's name.
func BackendKind(info platform.Info) string { return cmp.Or(info.Plugin, info.Backend) }

// GroupID is equal for results that differ in the seed and in the version of the
// code alone: those that are averaged.
func (r Result) GroupID() string {
	id := r.Identity()
	id.Config.Seed, id.Version = 0, ""
	return id.ID()
}
