package photobench

import (
	"testing"
)

// TestRegistry checks that tasks pair different known domains, that names and aliases
// identify one domain each, and that callers cannot change the registry.
func TestRegistry(t *testing.T) {
	tasks := map[string]int{"office-home": 12, "office-31": 6, "image-clef": 6, "visda": 1, "office-caltech10": 12, "pacs": 12, "custom": 0}
	if len(All()) != len(tasks) {
		t.Errorf("%d benchmarks, want %d", len(All()), len(tasks))
	}
	for _, b := range All() {
		if len(b.Tasks) != tasks[b.Name] {
			t.Errorf("%s has %d tasks, want %d", b.Name, len(b.Tasks), tasks[b.Name])
		}
		seen := make(map[Task]bool)
		for _, task := range b.Tasks {
			s, errS := b.Domain(task.Source)
			u, errT := b.Domain(task.Target)
			if errS != nil || errT != nil || s.Name != task.Source || u.Name != task.Target || s.Name == u.Name || seen[task] {
				t.Errorf("%s: task %v of %v and %v: %v, %v", b.Name, task, s, u, errS, errT)
			}
			seen[task] = true
		}
		owner := make(map[string]string)
		for _, d := range b.Domains {
			if d.Count < 1 {
				t.Errorf("%s: no count of %s", b.Name, d.Name)
			}
			for _, name := range append(d.Aliases, d.Name) {
				if other, ok := owner[folded(name)]; ok && other != d.Name {
					t.Errorf("%s: %q is %s and %s", b.Name, name, other, d.Name)
				}
				owner[folded(name)] = d.Name
			}
		}
		if len(b.Domains) > 0 && (b.Classes == 0 || b.Reference == "" || b.Counted == "") {
			t.Errorf("%s lacks classes, a reference or where counts are from: %+v", b.Name, b)
		}
	}
	changed := lookup(t, "office-home")
	changed.Domains[3].Aliases[0], changed.Domains[0].Count, changed.Tasks[0].Source = "x", 1, "x"
	if b := lookup(t, "office-home"); b.Domains[3].Aliases[0] == "x" || b.Domains[0].Count == 1 || b.Tasks[0].Source == "x" {
		t.Error("a change of what Lookup returned changed the registry")
	}
	pacs := 0
	for _, d := range lookup(t, "pacs").Domains {
		pacs += d.Count
	}
	if pacs != 9991 {
		t.Errorf("PACS has %d photographs, the paper's 9991", pacs)
	}
}

func TestLookup(t *testing.T) {
	if b := lookup(t, "Office_31"); b.Name != "office-31" {
		t.Errorf("Office_31 is %s", b.Name)
	}
	_, err := Lookup("nope")
	wantError(t, err, `"nope"`, "office-home, office-31, image-clef, visda, office-caltech10, pacs, custom")
}

func TestDomain(t *testing.T) {
	for _, c := range []struct{ benchmark, given, want string }{
		{"office-home", "art", "Art"},
		{"office-home", "Real World", "Real_World"},
		{"office-home", "realworld", "Real_World"},
		{"office-caltech10", "Caltech", "caltech10"},
		{"pacs", "ArtPainting", "art_painting"},
		{"pacs", "art", "art_painting"},
		{"custom", "My photos/day 1", "My photos/day 1"},
		{"custom", "a//b/", "a/b"},
	} {
		d, err := lookup(t, c.benchmark).Domain(c.given)
		if err != nil || d.Name != c.want {
			t.Errorf("%s, %q: %q, %v, want %q", c.benchmark, c.given, d.Name, err, c.want)
		}
	}
	_, err := lookup(t, "office-home").Domain("nope")
	wantError(t, err, `"nope"`, "office-home", "Art, Clipart, Product, Real_World")
	for _, name := range []string{"", "../x", "/x"} {
		_, err := lookup(t, "custom").Domain(name)
		wantError(t, err, "below the root")
	}
}
