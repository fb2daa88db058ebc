package photobench

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestRealLists: the registry has the numbers of the lists that papers use, and
// their classes are in the same order in every domain.
func TestRealLists(t *testing.T) {
	for _, name := range []string{"office-home", "office-31", "image-clef"} {
		t.Run(name, func(t *testing.T) {
			lists := shared(t, "lists/"+name)
			b := lookup(t, name)
			var first *Photos
			for _, d := range b.Domains {
				p, from, err := b.read(Location{Root: t.TempDir(), Lists: lists}, d)
				if err != nil {
					t.Fatal(err)
				}
				if !from.list || p.Len() != d.Count || len(p.Classes) != b.Classes {
					t.Errorf("%s: %d photographs of %d classes, want %d of %d", from.path, p.Len(), len(p.Classes), d.Count, b.Classes)
				}
				if p.named != (name != "image-clef") {
					t.Errorf("%s: classes %q", d.Name, p.Classes)
				}
				if first == nil {
					first = p
				}
				if differences := classDifferences(first, p); len(differences) > 0 {
					t.Errorf("%s: %q", d.Name, differences)
				}
			}
			// The photographs are not where the lists are.
			_, err := b.Load(Location{Root: lists, Lists: filepath.Dir(lists)}, b.Domains[0].Name)
			wantError(t, err, "files of the list", "--root")
		})
	}
}

// TestRealFolders: the registry has the numbers of the real photographs.
func TestRealFolders(t *testing.T) {
	root := shared(t, "data/office-caltech10")
	b := lookup(t, "office-caltech10")
	for _, d := range b.Domains {
		p, err := b.Load(Location{Root: root}, d.Name)
		if err != nil {
			t.Fatal(err)
		}
		if p.Len() != d.Count || slices.Min(p.counts()) < 1 {
			t.Errorf("%s: %d photographs, want %d", d.Name, p.Len(), d.Count)
		}
	}
	for _, task := range b.Tasks {
		s, u, err := b.Pair(Location{Root: root}, task.Source, task.Target)
		if err != nil {
			t.Fatal(err)
		}
		if s.Classes[0] != "backpack" || !slices.Equal(s.Classes, u.Classes) {
			t.Errorf("%v: %q and %q", task, s.Classes, u.Classes)
		}
	}
}

// TestRealCheck: real photographs decode, a file cut short does not.
func TestRealCheck(t *testing.T) {
	root := shared(t, "data/office-caltech10")
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(absolute, "dslr"), filepath.Join(dir, "dslr")); err != nil {
		t.Skip(err)
	}
	custom := lookup(t, "custom")
	p, err := custom.Load(Location{Root: dir}, "dslr")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(p.Paths[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range p.Classes {
		write(t, dir, map[string]string{"cut/" + class + "/1.jpg": string(content[:len(content)/2])})
	}
	r, err := custom.Check(t.Context(), Location{Root: dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Domains) != 2 || len(r.Domains[0].Broken) != 10 || r.Domains[1].Photographs != 157 || len(r.Domains[1].Broken) != 0 {
		t.Errorf("%+v", r.Domains)
	}
}
