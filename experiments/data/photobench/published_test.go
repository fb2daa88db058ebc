package photobench

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/data/classes"
	"github.com/reciprocalnorm/rn/experiments/internal/drawn"
)

// published are facts of the list files that papers share: the number of lines of
// each domain, and the folders of the classes in the order of their labels. `rn data
// check NAME --root DIR --lists DIR` compares real files with the same numbers.
var published = []struct {
	benchmark string
	path      func(domain, class string, number int) string
	counts    map[string]int // lines of a domain
	repeated  map[string]int // lines that repeat a photograph with another label
	classes   []string       // empty: the paths have no class folders
	number    int            // of classes
}{
	{
		benchmark: "office-home", number: 65,
		path: func(domain, class string, number int) string {
			return fmt.Sprintf("%s/%s/%05d.jpg", domain, class, number)
		},
		counts: map[string]int{"Art": 2427, "Clipart": 4365, "Product": 4439, "Real_World": 4357},
		classes: strings.Fields(`Drill Exit_Sign Bottle Glasses Computer File_Cabinet Shelf Toys Sink Laptop Kettle Folder
			Keyboard Flipflops Pencil Bed Hammer ToothBrush Couch Bike Postit_Notes Mug Webcam Desk_Lamp Telephone Helmet Mouse
			Pen Monitor Mop Sneakers Notebook Backpack Alarm_Clock Push_Pin Paper_Clip Batteries Radio Fan Ruler Pan Screwdriver
			Trash_Can Printer Speaker Eraser Bucket Chair Calendar Calculator Flowers Lamp_Shade Spoon Candles Clipboards Scissors
			TV Curtains Fork Soda Table Knives Oven Refrigerator Marker`),
	},
	{
		benchmark: "office-31", number: 31,
		path: func(domain, class string, number int) string {
			return fmt.Sprintf("%s/images/%s/frame_%04d.jpg", domain, class, number)
		},
		counts: map[string]int{"amazon": 2817, "dslr": 498, "webcam": 795},
		classes: strings.Fields(`back_pack bike bike_helmet bookcase bottle calculator desk_chair desk_lamp desktop_computer
			file_cabinet headphones keyboard laptop_computer letter_tray mobile_phone monitor mouse mug paper_notebook pen phone
			printer projector punchers ring_binder ruler scissors speaker stapler tape_dispenser trash_can`),
	},
	{
		benchmark: "image-clef", number: 12,
		path:     func(domain, _ string, number int) string { return fmt.Sprintf("%s/2008_%06d.jpg", domain, number) },
		counts:   map[string]int{"c": 600, "i": 600, "p": 600, "b": 600},
		repeated: map[string]int{"p": 9},
	},
}

// TestPublishedLists reads lists in the published format and size: the registry
// accepts their counts, their repeated photographs and the order of their classes,
// which in Office-Home is not alphabetical.
func TestPublishedLists(t *testing.T) {
	for _, c := range published {
		t.Run(c.benchmark, func(t *testing.T) {
			b, lists := lookup(t, c.benchmark), t.TempDir()
			if len(b.Domains) != len(c.counts) || b.Classes != c.number {
				t.Errorf("%d domains and %d classes, want %d and %d", len(b.Domains), b.Classes, len(c.counts), c.number)
			}
			for domain, count := range c.counts {
				var content strings.Builder
				line := func(number, label int) {
					class := ""
					if len(c.classes) > 0 {
						class = c.classes[label]
					}
					fmt.Fprintf(&content, "%s %d\n", c.path(domain, class, number), label)
				}
				for i := range count - c.repeated[domain] {
					line(i, i%c.number)
				}
				for i := range c.repeated[domain] {
					line(i, (i+1)%c.number)
				}
				write(t, lists, map[string]string{domain + ".txt": content.String()})
			}
			var first *Photos
			for _, d := range b.Domains {
				p, from, err := b.read(Location{Root: t.TempDir(), Lists: lists}, d)
				if err != nil {
					t.Fatal(err)
				}
				if !from.list || p.Len() != c.counts[d.Name] || p.Len() != d.Count || d.Repeated != c.repeated[d.Name] {
					t.Errorf("%s: %d photographs, the registry has %d, want %d", from.path, p.Len(), d.Count, c.counts[d.Name])
				}
				if len(c.classes) > 0 && !slices.Equal(p.Classes, c.classes) || p.named != (len(c.classes) > 0) || len(p.Classes) != c.number {
					t.Errorf("%s: classes %q, want %q", d.Name, p.Classes, c.classes)
				}
				if first == nil {
					first = p
				}
				if differences := classes.Differences(first.ClassSet(), p.ClassSet()); len(differences) > 0 {
					t.Errorf("%s: %q", d.Name, differences)
				}
			}
			_, err := b.Load(Location{Root: lists, Lists: lists}, b.Domains[0].Name)
			wantError(t, err, "files of the list", "--root") // there are no photographs
		})
	}
}

// TestPublishedFolders loads every task of a benchmark in the published layout, with
// the published numbers of photographs.
func TestPublishedFolders(t *testing.T) {
	classes := strings.Fields("backpack bike calculator headphones keyboard laptop monitor mouse mug projector")
	counts := map[string]int{"amazon": 958, "caltech10": 1123, "dslr": 157, "webcam": 295}
	root, b := t.TempDir(), lookup(t, "office-caltech10")
	for domain, count := range counts {
		for i := range count {
			writeEmpty(t, root, fmt.Sprintf("%s/%s/frame_%04d.jpg", domain, classes[i%len(classes)], i))
		}
	}
	for _, d := range b.Domains {
		p, err := b.Load(Location{Root: root}, d.Name)
		if err != nil {
			t.Fatal(err)
		}
		if p.Len() != counts[d.Name] || p.Len() != d.Count {
			t.Errorf("%s: %d photographs, the registry has %d, want %d", d.Name, p.Len(), d.Count, counts[d.Name])
		}
	}
	for _, task := range b.Tasks {
		s, u, err := b.Pair(Location{Root: root}, task.Source, task.Target)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(s.Classes, classes) || !slices.Equal(u.Classes, classes) {
			t.Errorf("%v: %q and %q, want %q", task, s.Classes, u.Classes, classes)
		}
	}
}

// TestCheckDecodes checks that photographs decode and that files cut short do not.
func TestCheckDecodes(t *testing.T) {
	root := t.TempDir()
	for i, class := range []string{"bike", "car"} {
		for k := range 3 {
			content := string(drawn.JPEG(64, 48, 3*i+k))
			name := filepath.Join(class, fmt.Sprintf("%d.jpg", k))
			write(t, root, map[string]string{filepath.Join("whole", name): content, filepath.Join("cut", name): content[:len(content)/2]})
		}
	}
	r, err := lookup(t, "custom").Check(t.Context(), Location{Root: root}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cut, whole := r.Domains[0], r.Domains[1]
	if len(cut.Broken) != 6 || !strings.Contains(cut.Broken[0].Error, "the jpeg file is ") || whole.Photographs != 6 || len(whole.Broken) != 0 {
		t.Errorf("%+v", r.Domains)
	}
}
