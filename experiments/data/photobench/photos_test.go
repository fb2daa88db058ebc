package photobench

import (
	"path/filepath"
	"slices"
	"testing"
)

// TestDigest checks that the digest ignores the root and depends on paths, labels,
// classes and order.
func TestDigest(t *testing.T) {
	in := func(root string) *Photos {
		return &Photos{Root: root, Labels: []int32{0, 1}, Classes: []string{"x", "y"},
			Paths: []string{filepath.Join(root, "x", "1.jpg"), filepath.Join(root, "y", "1.jpg")}}
	}
	digest := in("a").Digest()
	if other := in(filepath.Join("b", "c")).Digest(); other != digest || len(digest) != 64 {
		t.Errorf("%s, in another folder %s", digest, other)
	}
	for name, change := range map[string]func(*Photos){
		"path":   func(p *Photos) { p.Paths[0] = filepath.Join("a", "x", "2.jpg") },
		"label":  func(p *Photos) { p.Labels[0] = 1 },
		"labels": func(p *Photos) { p.Labels = nil },
		"class":  func(p *Photos) { p.Classes[1] = "z" },
		"order":  func(p *Photos) { slices.Reverse(p.Paths) },
	} {
		p := in("a")
		if change(p); p.Digest() == digest {
			t.Errorf("the digest does not depend on the %s", name)
		}
	}
	p := in("a")
	q := p.WithoutLabels()
	if q.Labels != nil || p.Labels == nil || q.Len() != p.Len() {
		t.Errorf("without labels: %+v of %+v", q, p)
	}
}
