package photobench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// Load finds the photographs of a domain. It makes sure that the file of each
// photograph exists, unless l allows missing ones, and that the domain has no more
// classes than the benchmark; it may have fewer, because somebody may want only some
// of the classes.
// [Benchmark.Check] compares the number of photographs, Load does not. The paths
// are below l.Root unless a list names others.
func (b Benchmark) Load(l Location, domain string) (*Photos, error) {
	d, err := b.Domain(domain)
	if err != nil {
		return nil, err
	}
	p, from, err := b.read(l, d)
	if err != nil {
		return nil, err
	}
	if err := b.checkClasses(p); err != nil && len(p.Classes) > b.Classes {
		return nil, fmt.Errorf("%s, %s: %s: %w", b.Name, d.Name, from.path, err)
	}
	missing, err := missingFiles(context.Background(), p.Paths, l.reporter(d.Name))
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", b.Name, d.Name, err)
	}
	if len(missing) > 0 && !(l.AllowMissing && len(missing) < p.Len()) {
		return nil, fmt.Errorf("%s, %s: %w", b.Name, d.Name, missingError(from, p.Len(), missing))
	}
	return p, nil
}

// read finds a domain and reads its list or folder, but opens no photograph.
func (b Benchmark) read(l Location, d Domain) (*Photos, place, error) {
	from, err := b.locate(l, d)
	if err != nil {
		return nil, place{}, fmt.Errorf("%s, %s: %w", b.Name, d.Name, err)
	}
	var p *Photos
	if from.list {
		p, err = readList(from.path, from.root, rules{b.Classes, d.Repeated})
	} else if err = checkSplits(d.Name, from.path); err == nil {
		p, err = ReadFolders(from.path)
	}
	if err != nil {
		return nil, from, fmt.Errorf("%s, %s: %w", b.Name, d.Name, err)
	}
	p.Name, p.Root = d.Name, l.Root
	return p, from, nil
}

// checkClasses returns an error unless the domain has as many classes as the
// benchmark.
func (b Benchmark) checkClasses(p *Photos) error {
	if b.Classes != 0 && len(p.Classes) != b.Classes {
		return fmt.Errorf("%d classes, want %d: use the benchmark custom for your own choice of classes", len(p.Classes), b.Classes)
	}
	return nil
}

// missingFiles returns the paths without a file, in order. It reports how many it has
// looked for if that takes long; report may be nil.
func missingFiles(ctx context.Context, paths []string, report func(done, total int)) ([]string, error) {
	gone := make([]bool, len(paths))
	progress := &lookingFor{report: report, total: len(paths), after: silence, began: time.Now()}
	group, ctx := errgroup.WithContext(ctx)
	workers := 4 * runtime.GOMAXPROCS(0) // more than cores, because they wait for the disk
	group.SetLimit(workers)
	for part := range slices.Chunk(indices(len(paths)), max(1, len(paths)/workers)) {
		group.Go(func() error {
			for _, i := range part {
				if err := ctx.Err(); err != nil {
					return err
				}
				info, err := os.Stat(paths[i])
				switch {
				case errors.Is(err, fs.ErrPermission):
					return err
				case err != nil || !info.Mode().IsRegular():
					gone[i] = true
				}
				progress.count()
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var missing []string
	for i, path := range paths {
		if gone[i] {
			missing = append(missing, path)
		}
	}
	return missing, nil
}

// indices returns 0 to n−1.
func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// shownMissing is the number of missing files that an error names.
const shownMissing = 5

// missingError reports the missing files of a domain.
func missingError(from place, count int, missing []string) error {
	shown := firstOf(missing[:min(len(missing), shownMissing)], len(missing), "\n  ")
	if !from.list {
		return fmt.Errorf("%d of %d files in %s cannot be opened (dangling links?):\n  %s", len(missing), count, from.path, shown)
	}
	return fmt.Errorf("%d of %d files of the list %s do not exist:\n  %s\nthe paths of the list are relative to %s: is --root right?",
		len(missing), count, from.path, shown, from.root)
}
