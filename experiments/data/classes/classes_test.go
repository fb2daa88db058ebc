package classes

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/reciprocalnorm/rn/experiments/internal/errortest"
)

func TestKey(t *testing.T) {
	for _, same := range [][]string{
		{"Bike", "bike", "BIKE"},
		{"Desk Lamp", "desk_lamp", "desk-lamp", "DeskLamp", "desk\u00a0lamp", "desk\u2010lamp", " desk  lamp_"},
		{"na\u00efve", "nai\u0308ve", "NAI\u0308VE", "NA\u00cfVE"},
		{"Stra\u00dfe", "STRASSE"},
		{"\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c2"}, // Greek, final sigma
		{"7", "07", "007"},
		{"0", "00"},
		{"class 07", "Class_7", "class7"},
		{"1_02", "1 2", "01-2"},
		{"-7", "-07"},
		{"1.05", "01.05"},
	} {
		for _, name := range same[1:] {
			if Key(name) != Key(same[0]) {
				t.Errorf("Key(%q) = %q, Key(%q) = %q, want the same", name, Key(name), same[0], Key(same[0]))
			}
		}
	}
	for _, other := range [][2]string{
		{"bike", "bikes"}, {"7", "70"}, {"1_2", "12"}, {"-1", "1"}, {"1.05", "1.5"}, {"e", "\u00e9"}, {"_", "-"}, {"a\xff", "a\xfe"}, {"c", "c++"}, {"0", ""},
	} {
		if Key(other[0]) == Key(other[1]) {
			t.Errorf("%q and %q have the same key %q", other[0], other[1], Key(other[0]))
		}
	}
}

// FuzzKey: the key of a key is the key itself, and the Unicode form does not change
// the key.
func FuzzKey(f *testing.F) {
	for _, seed := range []string{"Desk Lamp", "nai\u0308ve", "007-08", "-01.050", "__", "a\u0301 \u0323", "\u0345\u03b1\u1fb3", "\xff 1", "1\u2000\u20102", "Straße", "\u1e9e", "\u0130"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		key := Key(name)
		if again := Key(key); again != key {
			t.Errorf("Key(%q) = %q, and the key of that is %q", name, key, again)
		}
		for _, form := range []norm.Form{norm.NFC, norm.NFD} {
			if other := form.String(name); Key(other) != key && key != name {
				t.Errorf("Key(%q) = %q, but Key(%q) = %q", name, key, other, Key(other))
			}
		}
	})
}

func TestSort(t *testing.T) {
	for _, want := range [][]string{
		{"0", "1", "2", "9", "10", "11", "100"},
		{"00", "01", "02", "10"},
		{"B", "a b", "a-b", "a10b", "ab", "b"},
		{"001.ak47", "2.flag", "10.bat", "257.clutter"},
		{"c", "c 2", "c 10", "c2", "c10", "c10a", "c11"},
		{"07", "7", "08"},
		{"0.25", "0.5", "1.05", "1.5", "1.50"},
		{"18446744073709551616", "28446744073709551616", "100000000000000000000000"},
		{"", "a"},
	} {
		got := slices.Clone(want)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
		Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("sorted %q, want %q", got, want)
		}
	}
}

// TestSortKeepsByteOrder: names whose numbers have equal lengths are sorted in byte
// order, as torchvision's ImageFolder sorts them.
func TestSortKeepsByteOrder(t *testing.T) {
	names := strings.Fields("Alarm_Clock Back_Pack bike Bike file-cabinet File_Cabinet TV n01440764 n01443537 k00 k01 k11 été")
	want := slices.Clone(names)
	slices.Sort(want)
	if Sort(names); !slices.Equal(names, want) {
		t.Errorf("sorted %q, want %q", names, want)
	}
}

// FuzzCompare: Compare is a strict order.
func FuzzCompare(f *testing.F) {
	f.Add("a2", "a10", "a02")
	f.Add("1.05", "1.5", "01.5")
	f.Add("1.", "1", "01.2.3")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if got := Compare(a, b); got != -Compare(b, a) || (got == 0) != (a == b) {
			t.Errorf("Compare(%q, %q) = %d, the other way round %d", a, b, got, Compare(b, a))
		}
		if Compare(a, b) < 0 && Compare(b, c) < 0 && Compare(a, c) >= 0 {
			t.Errorf("%q < %q < %q, but the first is not before the last", a, b, c)
		}
	})
}

func TestMatch(t *testing.T) {
	for name, c := range map[string]struct {
		to, from Set
		want     Matching
	}{
		"the same":                    {Set{Names: []string{"a", "b"}}, Set{Names: []string{"a", "b"}}, Matching{0, 1}},
		"another order":               {Set{Names: []string{"a", "b", "c"}}, Set{Names: []string{"c", "a", "b"}}, Matching{2, 0, 1}},
		"case and order":              {Set{Names: []string{"Bike", "apple", "car"}}, Set{Names: []string{"apple", "bike", "car"}}, Matching{1, 0, 2}},
		"separators":                  {Set{Names: []string{"Desk Lamp", "car"}}, Set{Names: []string{"car", "desk_lamp"}}, Matching{1, 0}},
		"Unicode":                     {Set{Names: []string{"na\u00efve", "x"}}, Set{Names: []string{"x", "nai\u0308ve"}}, Matching{1, 0}},
		"numbers":                     {Set{Names: []string{"7", "10"}}, Set{Names: []string{"10", "07"}}, Matching{1, 0}},
		"one spelling of look-alikes": {Set{Names: []string{"Polish", "polish"}}, Set{Names: []string{"polish", "Polish"}}, Matching{1, 0}},
		"numbered":                    {Set{Names: Numbered(2), Numbered: true}, Set{Names: Numbered(2), Numbered: true}, Matching{0, 1}},
		"numbered and named":          {Set{Names: []string{"car", "bike"}}, Set{Names: Numbered(2), Numbered: true}, Matching{0, 1}},
		"named and numbered":          {Set{Names: Numbered(2), Numbered: true}, Set{Names: []string{"car", "bike"}}, Matching{0, 1}},
		"numbers by value":            {Set{Names: []string{"0", "1", "10", "2", "3", "4", "5", "6", "7", "8", "9"}}, Set{Names: Numbered(11), Numbered: true}, Matching{0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 2}},
		"numbers by value, turned":    {Set{Names: Numbered(3), Numbered: true}, Set{Names: []string{"2", "00", "01"}}, Matching{2, 0, 1}},
	} {
		got, err := Match(c.to, c.from)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, c.want)
		}
	}
}

func TestMatchRefuses(t *testing.T) {
	many := Set{Owner: "b"}
	for i := range 30 {
		many.Names = append(many.Names, fmt.Sprintf("k%d", i))
	}
	for name, c := range map[string]struct {
		to, from Set
		want     []string
	}{
		"another class": {Set{"a", []string{"apple", "car"}, false}, Set{"b", []string{"car", "zebra"}, false},
			[]string{"the classes of a and b differ", `class "apple" of a is not in b`, `class "zebra" of b is not in a`}},
		"a near spelling": {Set{"a", []string{"bike", "car"}, false}, Set{"b", []string{"bikes", "car"}, false},
			[]string{`class "bike" of a is not in b, which has "bikes"`}},
		"fewer": {Set{"a", []string{"bike", "car"}, false}, Set{"b", []string{"car"}, false},
			[]string{"classes of a: 2, of b: 1", `class "bike" of a is not in b`}},
		"the same class twice": {Set{"a", []string{"Bike", "car"}, false}, Set{"b", []string{"bike", "BIKE"}, false},
			[]string{`classes "bike" and "BIKE" of b differ only in their spelling`}},
		"a name twice":     {Set{"a", []string{"x", "x"}, false}, Set{"b", []string{"x", "x"}, false}, []string{`"x" and "x" of a`}},
		"numbered, fewer":  {Set{"a", []string{"bike", "car"}, false}, Set{"b", Numbered(3), true}, []string{"classes of a: 2, of b: 3"}},
		"numbers from 1":   {Set{"a", []string{"1", "2"}, false}, Set{"b", Numbered(2), true}, []string{"b has no class names but the labels 0 to 1", `class "2" of a`}},
		"many":             {Set{"a", []string{"car"}, false}, many, []string{"classes of a: 1, of b: 30", "and 22 more"}},
		"escape sequences": {Set{"a", []string{"\x1b[31m"}, false}, Set{"b", []string{"car"}, false}, []string{`"\x1b[31m"`}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Match(c.to, c.from)
			errortest.Says(t, err, c.want...)
		})
	}
}

// TestMatching: labels and names are put in the other set's order.
func TestMatching(t *testing.T) {
	m := Matching{2, 0, 1}
	if got := m.Labels([]int32{0, 0, 1, 2}); !slices.Equal(got, []int32{2, 2, 0, 1}) || m.Labels(nil) != nil {
		t.Errorf("labels %v, without labels %v", got, m.Labels(nil))
	}
	if got := m.Names([]string{"c", "a", "b"}); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("names %q", got)
	}
}

// FuzzMatch: a set that matches gets each class once, under an equal key, and the
// reverse matching undoes it. A set that does not match has a bounded error.
func FuzzMatch(f *testing.F) {
	f.Add("Desk Lamp\nbike\n7", "07\nBIKE\ndesk_lamp", false)
	f.Add("1\n0", "class 0\nclass 1", true)
	f.Add("a\nA", "A\na", false)
	f.Fuzz(func(t *testing.T, first, second string, numbered bool) {
		a, b := Set{Owner: "a", Names: strings.Split(first, "\n")}, Set{Owner: "b", Names: strings.Split(second, "\n")}
		if numbered {
			b.Names, b.Numbered = Numbered(len(b.Names)), true
		}
		m, err := Match(a, b)
		reverse, reverseErr := Match(b, a)
		if (err == nil) != (reverseErr == nil) {
			t.Fatalf("%q and %q: error %v, the other way round %v", a.Names, b.Names, err, reverseErr)
		}
		if err != nil {
			if strings.Count(err.Error(), "\n") > maxShown+1 {
				t.Fatalf("too long an error: %v", err)
			}
			return
		}
		for from, to := range m {
			if reverse[to] != int32(from) || !numbered && Key(a.Names[to]) != Key(b.Names[from]) {
				t.Fatalf("%q and %q: %v, reverse %v", a.Names, b.Names, m, reverse)
			}
		}
	})
}
