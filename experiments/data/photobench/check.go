package photobench

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Check reads and decodes every photograph of every domain; the domains of custom
// are all the list files and folders in the location. The report says what is
// wrong with the photographs. The error is about the location, or is ctx's.
// progress, unless nil, is called after every photograph, by one goroutine at a
// time.
func (b Benchmark) Check(ctx context.Context, l Location, progress func(done, total int)) (Report, error) {
	return b.check(ctx, l, progress, decode)
}

// check is Check with the function that decodes a file.
func (b Benchmark) check(ctx context.Context, l Location, progress func(done, total int), decode func(path string) error) (Report, error) {
	if err := l.check(); err != nil {
		return Report{}, err
	}
	domains, err := b.domains(l)
	if err != nil {
		return Report{}, err
	}
	r := Report{Benchmark: b.Name, Root: l.Root, Lists: l.Lists}
	var files []*file
	var photos []*Photos
	for number, d := range domains {
		report, p, err := b.readDomain(ctx, l, d)
		if err != nil {
			return Report{}, err
		}
		r.Domains = append(r.Domains, report)
		photos = append(photos, p) // nil where it cannot be read
		if p == nil {
			continue
		}
		missing := make(map[string]bool, len(report.Missing))
		for _, path := range report.Missing {
			missing[path] = true
		}
		for i, path := range p.Paths {
			if !missing[path] {
				files = append(files, &file{domain: number, path: path, label: p.Labels[i], class: p.Classes[p.Labels[i]]})
			}
		}
	}
	if err := readFiles(ctx, files, progress, decode); err != nil {
		return Report{}, err
	}
	for _, f := range files {
		if f.broken != nil {
			d := &r.Domains[f.domain]
			d.Broken = append(d.Broken, BrokenFile{f.path, strings.TrimPrefix(f.broken.Error(), f.path+": ")})
		}
	}
	r.addDuplicates(files)
	r.judge(b, photos)
	return r, nil
}

// domains returns the benchmark's domains; for custom, the ones in the location.
func (b Benchmark) domains(l Location) ([]Domain, error) {
	if len(b.Domains) > 0 {
		return b.Domains, nil
	}
	dir := l.Root
	if l.Lists != "" {
		dir = l.Lists
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []Domain
	for _, entry := range entries {
		folder, err := isFolder(dir, entry)
		if err != nil {
			return nil, err
		}
		name, list := strings.CutSuffix(entry.Name(), ".txt")
		if isHidden(name) || !folder && !list || folder && (list || l.Lists != "") {
			continue
		}
		d := Domain{Name: name}
		if !slices.ContainsFunc(out, func(o Domain) bool { return o.Name == name }) {
			out = append(out, d)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no domains: want list files NAME.txt, or folders of class folders", dir)
	}
	return out, nil
}

// readDomain reads a domain and finds out which files are missing. The photographs
// are nil if the domain cannot be read. The error is ctx's.
func (b Benchmark) readDomain(ctx context.Context, l Location, d Domain) (DomainReport, *Photos, error) {
	r := DomainReport{Name: d.Name, Expected: d.Count}
	p, from, err := b.read(l, d)
	r.Path = from.path
	if err != nil {
		r.Error = err.Error()
		return r, nil, nil
	}
	r.Photographs, r.Classes, r.LeftOut = p.Len(), len(p.Classes), p.LeftOut
	counts := p.counts()
	smallest := slices.Index(counts, slices.Min(counts))
	r.Smallest = ClassCount{p.Classes[smallest], counts[smallest]}
	r.Missing, err = missingFiles(ctx, p.Paths, l.reporter(d.Name))
	if errors.Is(err, fs.ErrPermission) {
		r.Error = err.Error()
		return r, nil, nil
	}
	return r, p, err
}

// file is a photograph to check.
type file struct {
	domain int
	path   string
	label  int32
	class  string // the label's name
	sum    [sha256.Size]byte
	broken error
}

// readFiles sets the files' sums, and the errors of files that cannot be decoded.
func readFiles(ctx context.Context, files []*file, progress func(done, total int), decode func(path string) error) error {
	var mutex sync.Mutex
	done := 0
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, f := range files {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			if f.broken = decode(f.path); f.broken == nil {
				f.sum, f.broken = sumOf(f.path)
			}
			if progress != nil {
				mutex.Lock()
				defer mutex.Unlock()
				done++
				progress(done, len(files))
			}
			return nil
		})
	}
	return errors.Join(group.Wait(), ctx.Err())
}

// sumOf returns the sha256 of a file.
func sumOf(path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return sum, err
	}
	hash.Sum(sum[:0])
	return sum, nil
}
