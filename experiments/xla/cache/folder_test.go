package cache

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// newCache returns a cache in a new folder, which keeps everything. Its warnings go to the returned slice.
func newCache(t testing.TB, config Config) (cache *Cache, warnings *[]string) {
	t.Helper()
	if config.Dir == "" {
		config.Dir = filepath.Join(t.TempDir(), "xla") // which the cache makes for the user alone
	}
	warnings = new([]string)
	config.MinCompile = -1
	config.Warn = func(err error) { *warnings = append(*warnings, err.Error()) }
	cache, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return cache, warnings
}

// wantWarning fails the test unless there was that one warning, or with "" none.
func wantWarning(t *testing.T, warnings *[]string, part string) {
	t.Helper()
	switch got := *warnings; {
	case part == "" && got == nil:
	case part == "" || len(got) != 1 || !strings.Contains(got[0], part):
		t.Errorf("warnings are %q, want one with %q", got, part)
	}
}

func TestNew(t *testing.T) {
	for _, config := range []Config{{}, {Dir: "xla"}, {Dir: "/xla", MaxBytes: -1}, {Dir: "/xla", Root: "/cache"}, {Dir: "/xla", Root: "/xla/cache"}} {
		if _, err := New(config); err == nil {
			t.Errorf("%+v makes a cache", config)
		}
	}
	cache, err := New(Config{Dir: filepath.Join(t.TempDir(), "xla")})
	if err != nil {
		t.Fatal(err)
	}
	if cache.MaxBytes != DefaultMaxBytes || cache.MinCompile != defaultMinCompile || cache.Root != cache.Dir || cache.Warn == nil {
		t.Errorf("defaults are %+v", cache.Config)
	}
	if entries, size, err := cache.Usage(); entries != 0 || size != 0 || err != nil {
		t.Errorf("without the folder, usage is %d, %d, %v", entries, size, err)
	}
	if _, err := os.Stat(cache.Dir); err == nil {
		t.Error("New makes the folder")
	}
}

func TestFolder(t *testing.T) {
	cache, warnings := newCache(t, Config{})
	if _, found := cache.read(key{1}); found {
		t.Error("an empty folder has an entry")
	}
	for _, payload := range []string{"first", "second"} { // The second replaces the first.
		if !cache.write(key{1}, []byte(payload)) {
			t.Fatal("nothing was written")
		}
		if got, found := cache.read(key{1}); !found || string(got) != payload {
			t.Errorf("read %q, %v, want %q", got, found, payload)
		}
	}
	if info, err := os.Stat(cache.Dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("others can use the folder: %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(cache.Dir, "README"), nil, 0o600); err != nil { // not an entry
		t.Fatal(err)
	}
	if entries, size, err := cache.Usage(); entries != 1 || size != int64(headerSize+len("second")) || err != nil {
		t.Errorf("usage is %d, %d, %v", entries, size, err)
	}
	wantWarning(t, warnings, "")
}

// TestDamaged: a file that is not a whole entry of its key is not returned, and is removed.
func TestDamaged(t *testing.T) {
	k := key{1}
	other := append(header(key{2}, []byte("x")), 'x')
	whole := append(header(k, []byte("machine code")), "machine code"...)
	for name, data := range map[string][]byte{
		"empty": {}, "cut": whole[:len(whole)-1], "foreign": []byte("\x7fELF"), "of another key": other,
		"changed": bytes.Replace(whole, []byte("code"), []byte("Code"), 1), "version": append([]byte(magic+"\x09"), whole[9:]...),
	} {
		cache, warnings := newCache(t, Config{})
		if err := os.MkdirAll(cache.Dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for range 2 { // One warning for both.
			if err := os.WriteFile(cache.path(k), data, 0o600); err != nil {
				t.Fatal(err)
			}
			if got, found := cache.read(k); found {
				t.Errorf("%s: read %q", name, got)
			}
			if _, err := os.Stat(cache.path(k)); err == nil {
				t.Errorf("%s: the entry is still there", name)
			}
		}
		wantWarning(t, warnings, "compiled again")
		if stats := cache.Stats(); stats.Failed != 2 {
			t.Errorf("%s: stats are %+v", name, stats)
		}
	}
}

// TestEvict: the least recently used entries go when the bound is exceeded.
func TestEvict(t *testing.T) {
	const size = 1000
	cache, warnings := newCache(t, Config{MaxBytes: 3 * (size + int64(headerSize))})
	payload := make([]byte, size)
	for i := range 3 {
		cache.write(key{byte(i)}, payload)
		used := time.Now().Add(time.Duration(i-10) * time.Hour)
		if err := os.Chtimes(cache.path(key{byte(i)}), used, used); err != nil {
			t.Fatal(err)
		}
	}
	if _, found := cache.read(key{0}); !found { // Entry 1 is the next to go.
		t.Fatal("an entry is gone before the bound was exceeded")
	}
	partial := filepath.Join(cache.Dir, partialPrefix+"old")
	recent := filepath.Join(cache.Dir, partialPrefix+"recent")
	for _, path := range []string{partial, recent} {
		if err := os.WriteFile(path, payload, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-2 * abandoned)
	if err := os.Chtimes(partial, old, old); err != nil {
		t.Fatal(err)
	}
	cache.write(key{3}, payload)
	for i, want := range []bool{true, false, true, true} {
		if _, err := os.Stat(cache.path(key{byte(i)})); (err == nil) != want {
			t.Errorf("entry %d exists: %v, want %v", i, err == nil, want)
		}
	}
	if _, err := os.Stat(partial); err == nil {
		t.Error("the file of a killed process is still there")
	}
	if _, err := os.Stat(recent); err != nil {
		t.Error("the file that another process is writing was removed")
	}
	if cache.write(key{4}, make([]byte, 4*size)) {
		t.Error("an entry larger than the bound was kept")
	}
	if entries, _, err := cache.Usage(); entries != 3 || err != nil {
		t.Errorf("there are %d entries, %v", entries, err)
	}
	wantWarning(t, warnings, "")
}

// TestUnusable: a cache whose folder cannot be used warns once, and neither reads nor writes.
func TestUnusable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "xla")} {
		cache, warnings := newCache(t, Config{Dir: dir})
		for range 2 {
			if _, found := cache.read(key{1}); found || cache.write(key{1}, []byte("x")) {
				t.Errorf("%s is used", dir)
			}
		}
		wantWarning(t, warnings, "switched off")
		if err := cache.Problem(); err == nil || !strings.Contains(err.Error(), "not a directory") {
			t.Errorf("the problem with %s is %v", dir, err)
		}
	}
}

// TestUnwritable: a cache whose folder cannot be written warns once, and still reads.
func TestUnwritable(t *testing.T) {
	cache, warnings := newCache(t, Config{})
	if !cache.write(key{1}, []byte("x")) {
		t.Fatal("nothing was written")
	}
	if err := os.Mkdir(cache.path(key{2}), 0o700); err != nil { // A file cannot take its place.
		t.Fatal(err)
	}
	for i := range byte(2) {
		if cache.write(key{2 + i}, []byte("x")) {
			t.Errorf("%d was written", 2+i)
		}
	}
	wantWarning(t, warnings, "no more executables are kept")
	if _, found := cache.read(key{1}); !found {
		t.Error("an entry is not read any more")
	}
	if left, err := filepath.Glob(filepath.Join(cache.Dir, partialPrefix+"*")); err != nil || left != nil {
		t.Errorf("unfinished files are left: %q, %v", left, err)
	}
}

// TestTogether reads, writes and evicts from several caches of one folder at once: reads return what was written.
func TestTogether(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "xla")
	var wait sync.WaitGroup
	for range 4 {
		cache, warnings := newCache(t, Config{Dir: dir, MaxBytes: 4000})
		wait.Go(func() {
			for i := range 60 {
				k := key(sha256.Sum256([]byte{byte(i % 7)}))
				want := bytes.Repeat(k[:], 20)
				if got, found := cache.read(k); found && !bytes.Equal(got, want) {
					t.Errorf("read %x", got)
				}
				if !cache.write(k, want) {
					t.Error("not written")
				}
			}
			if *warnings != nil {
				t.Errorf("warnings: %q", *warnings)
			}
		})
	}
	wait.Wait()
	cache, _ := newCache(t, Config{Dir: dir})
	if _, size, err := cache.Usage(); size > 4000 || err != nil {
		t.Errorf("%d bytes are left, %v", size, err)
	}
}
