package featurecache

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sumOf returns the sum of photograph i.
func sumOf(i int) Sum { return sha256.Sum256(fmt.Append(nil, i)) }

// vectorOf returns the vector of photograph i.
func vectorOf(i, width int) []float32 {
	v := make([]float32, width)
	for k := range v {
		v[k] = float32(math.Sin(float64(i*width + k)))
	}
	return v
}

// open opens a cache that the test closes.
func open(t *testing.T, dir string, width int) *Cache {
	t.Helper()
	c, err := Open(context.Background(), dir, "key", width)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// requireVectors checks that the cache holds exactly the given photographs.
func requireVectors(t *testing.T, c *Cache, width int, want ...int) {
	t.Helper()
	if len(c.at) != len(want) {
		t.Errorf("%d vectors, want %d", len(c.at), len(want))
	}
	got := make([]float32, width)
	for _, i := range want {
		if err := c.Get(sumOf(i), got); err != nil || !slices.Equal(got, vectorOf(i, width)) {
			t.Errorf("photograph %d: %v, %v", i, got, err)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, 5)
	for i := range 10 {
		if c.Has(sumOf(i)) {
			t.Errorf("an empty cache has photograph %d", i)
		}
		if err := c.Put(sumOf(i), vectorOf(i, 5)); err != nil {
			t.Fatal(err)
		}
	}
	requireVectors(t, c, 5, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	requireVectors(t, open(t, dir, 5), 5, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
}

// TestKilled cuts the file at every length: complete records remain, and the cache
// accepts new ones.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, 2)
	for i := range 3 {
		if err := c.Put(sumOf(i), vectorOf(i, 2)); err != nil {
			t.Fatal(err)
		}
	}
	record := c.recordSize()
	c.Close()
	path := filepath.Join(dir, "key.features")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := Open(context.Background(), dir, "key", 2)
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		want := max(0, n-headerSize) / record
		requireVectors(t, c, 2, []int{0, 1, 2}[:want]...)
		if err := c.Put(sumOf(7), vectorOf(7, 2)); err != nil {
			t.Fatal(err)
		}
		c.Close()
		c, err = Open(context.Background(), dir, "key", 2)
		if err != nil {
			t.Fatal(err)
		}
		requireVectors(t, c, 2, append([]int{7}, []int{0, 1, 2}[:want]...)...)
		c.Close()
	}
}

// TestDamaged flips a bit of the second of three records, which alone is lost.
func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, 2)
	for i := range 3 {
		if err := c.Put(sumOf(i), vectorOf(i, 2)); err != nil {
			t.Fatal(err)
		}
	}
	at := c.at[sumOf(1)] + 33
	var b [1]byte
	if _, err := c.file.ReadAt(b[:], at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 4
	if _, err := c.file.WriteAt(b[:], at); err != nil {
		t.Fatal(err)
	}
	if err := c.Get(sumOf(1), make([]float32, 2)); err == nil || !strings.Contains(err.Error(), "changed on disk") {
		t.Errorf("error %v", err)
	}
	c.Close()
	c = open(t, dir, 2)
	if c.Damaged() != 1 {
		t.Errorf("%d damaged records, want 1", c.Damaged())
	}
	requireVectors(t, c, 2, 0, 2)

	// The next vectors take the place of the damaged record and then the end.
	size := c.end
	for _, i := range []int{1, 3} {
		if err := c.Put(sumOf(i), vectorOf(i, 2)); err != nil {
			t.Fatal(err)
		}
	}
	if c.end != size+int64(c.recordSize()) {
		t.Errorf("the file grew by %d bytes, want one record of %d", c.end-size, c.recordSize())
	}
	c.Close()
	c = open(t, dir, 2)
	if c.Damaged() != 0 {
		t.Errorf("%d damaged records remain", c.Damaged())
	}
	requireVectors(t, c, 2, 0, 1, 2, 3)
}

// TestFlippedBits flips every bit of a file: Open refuses a header that differs, and
// counts and ignores a record that does.
func TestFlippedBits(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, 2)
	for i := range 2 {
		if err := c.Put(sumOf(i), vectorOf(i, 2)); err != nil {
			t.Fatal(err)
		}
	}
	record := c.recordSize()
	c.Close()
	path := filepath.Join(dir, "key.features")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		for bit := range 8 {
			bad := slices.Clone(whole)
			bad[at] ^= 1 << bit
			if err := os.WriteFile(path, bad, 0o644); err != nil {
				t.Fatal(err)
			}
			c, err := Open(t.Context(), dir, "key", 2)
			if at < headerSize {
				if err == nil || !strings.Contains(err.Error(), "remove it") {
					t.Errorf("bit %d of byte %d in the header: error %v", bit, at, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.Damaged() != 1 {
				t.Errorf("bit %d of byte %d: %d damaged records, want 1", bit, at, c.Damaged())
			}
			requireVectors(t, c, 2, 1-(at-headerSize)/record)
			c.Close()
		}
	}
}

func TestMisuse(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, 2)
	for _, test := range []struct {
		err  error
		want string
	}{
		{c.Put(sumOf(0), make([]float32, 3)), "3 values, want 2"},
		{c.Put(sumOf(0), []float32{0, float32(math.NaN())}), "value 1"},
		{c.Get(sumOf(0), make([]float32, 2)), "no vector"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("error %v, want %q", test.err, test.want)
		}
	}
	c.Close()
	foreign := filepath.Join(dir, "other.features")
	if err := os.WriteFile(foreign, []byte(strings.Repeat("something else", 9)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		key   string
		width int
		want  string
	}{
		{"key", 3, "vectors of 2 values, want 3"},
		{"other", 2, "not a feature cache"},
		{"../key", 2, "file name"},
		{"key", 0, "positive width"},
	} {
		if _, err := Open(context.Background(), dir, test.key, test.width); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q", err, test.want)
		}
	}
	if data, err := os.ReadFile(foreign); err != nil || !strings.HasPrefix(string(data), "something else") {
		t.Errorf("a foreign file was overwritten: %.20q, %v", data, err)
	}
}

// FuzzScan checks that no file crashes the reader, and that the cache works on after it.
func FuzzScan(f *testing.F) {
	f.Add([]byte(magic + "\x02\x00\x00\x00"))
	f.Add([]byte(magic + "\x02\x00\x00\x00" + strings.Repeat("x", 44)))
	f.Add([]byte(magic[:3]))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "key.features"), data, 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := Open(context.Background(), dir, "key", 2)
		if err != nil {
			return
		}
		defer c.Close()
		if err := c.Put(sumOf(1), vectorOf(1, 2)); err != nil {
			t.Fatal(err)
		}
		if err := c.Get(sumOf(1), make([]float32, 2)); err != nil {
			t.Fatal(err)
		}
	})
}

func ExampleCache() {
	dir, err := os.MkdirTemp("", "features")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	cache, err := Open(context.Background(), dir, "resnet50", 3)
	if err != nil {
		panic(err)
	}
	defer cache.Close()
	photo := sha256.Sum256([]byte("the photograph's bytes"))
	if !cache.Has(photo) {
		if err := cache.Put(photo, []float32{1, 2, 3}); err != nil {
			panic(err)
		}
	}
	vector := make([]float32, 3)
	fmt.Println(cache.Get(photo, vector), vector)
	// Output: <nil> [1 2 3]
}
