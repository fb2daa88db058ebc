package photobench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Load finds the photographs of a domain, and makes sure that there is a file for
// each and that there are no more classes than the benchmark has: a part of the
// classes may be all that is wanted. The number of photographs is not looked at:
// see [Benchmark.Check]. Paths of the result are below l.Root, or what
// a list says.
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
	missing, err := missingFiles(context.Background(), p.Paths)
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", b.Name, d.Name, err)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s, %s: %w", b.Name, d.Name, missingError(from, p.Len(), missing))
	}
	return p, nil
}

// read finds and reads a domain, and looks at no file of it.
func (b Benchmark) read(l Location, d Domain) (*Photos, place, error) {
	from, err := b.locate(l, d)
	if err != nil {
		return nil, place{}, fmt.Errorf("%s, %s: %w", b.Name, d.Name, err)
	}
	var p *Photos
	if from.list {
		p, err = readList(from.path, from.root, rules{b.Classes, d.Repeated})
	} else {
		p, err = ReadFolders(from.path)
	}
	if err != nil {
		return nil, from, fmt.Errorf("%s, %s: %w", b.Name, d.Name, err)
	}
	p.Name, p.Root = d.Name, l.Root
	return p, from, nil
}

// checkClasses compares the number of classes with the benchmark's.
func (b Benchmark) checkClasses(p *Photos) error {
	if b.Classes != 0 && len(p.Classes) != b.Classes {
		return fmt.Errorf("%d classes, want %d: for other classes than the benchmark's use custom", len(p.Classes), b.Classes)
	}
	return nil
}

// missingFiles are the paths where there is no file, in order.
func missingFiles(ctx context.Context, paths []string) ([]string, error) {
	gone := make([]bool, len(paths))
	group, ctx := errgroup.WithContext(ctx)
	workers := 4 * runtime.GOMAXPROCS(0) // they wait for the disk
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

// indices are 0 to n-1.
func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// shownMissing is how many missing files an error names.
const shownMissing = 5

// missingError is about the files of a domain that are not there.
func missingError(from place, count int, missing []string) error {
	shown := firstOf(missing[:min(len(missing), shownMissing)], len(missing), "\n  ")
	if !from.list {
		return fmt.Errorf("%d of %d files in %s cannot be opened (links to nothing?):\n  %s", len(missing), count, from.path, shown)
	}
	return fmt.Errorf("%d of %d files of the list %s are not there:\n  %s\npaths of a list are taken relative to %s: is --root right?",
		len(missing), count, from.path, shown, from.root)
}
