package input

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/reciprocalnorm/rn/experiments/data/featurecache"
	"github.com/reciprocalnorm/rn/experiments/data/photo"
	"github.com/reciprocalnorm/rn/experiments/data/photobench"
	"github.com/reciprocalnorm/rn/experiments/environment"
)

// Photographs are the photographs of a domain whose files can be read, with the
// sha256 of each file.
type Photographs struct {
	*photobench.Photos
	Sums []featurecache.Sum // [photographs]
}

// readable hashes the files of photographs. Files that cannot be read are errors,
// or left out with a warning if images says so.
func readable(ctx context.Context, p *photobench.Photos, images environment.Images, report environment.Reporter) (*Photographs, error) {
	sums, errs := hashFiles(ctx, p.Paths, images.Workers, func(done int) {
		report.ReportPreparing("checksums of "+p.Name, done, len(p.Paths))
	})
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	if err := errors.Join(errs...); err == nil {
		return &Photographs{p, sums}, nil
	} else if !images.SkipBroken {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	kept := *p
	kept.Paths, kept.Labels = nil, nil
	out := &Photographs{Photos: &kept}
	for i, err := range errs {
		if err != nil {
			report.ReportWarning(fmt.Errorf("left out: %w", err))
			continue
		}
		kept.Paths, kept.Labels = append(kept.Paths, p.Paths[i]), append(kept.Labels, p.Labels[i])
		out.Sums = append(out.Sums, sums[i])
	}
	if len(kept.Paths) == 0 {
		return nil, fmt.Errorf("no photograph of %s can be read", p.Name)
	}
	return out, nil
}

// warn reports files that are left out, and photographs that are all the same.
func (p *Photographs) warn(report environment.Reporter) {
	if p.LeftOut.Count() > 0 {
		report.ReportWarning(fmt.Errorf("%s: %v", p.Name, p.LeftOut))
	}
	different := func(sum featurecache.Sum) bool { return sum != p.Sums[0] }
	if len(p.Sums) > 1 && !slices.ContainsFunc(p.Sums, different) {
		report.ReportWarning(fmt.Errorf("%s: %s", p.Name, photobench.AllEqual(len(p.Sums))))
	}
}

// digest is the sha256 of the photographs' contents in their order, of the class
// names and, unless they are withheld, of the labels.
func (p *Photographs) digest(labels bool) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%d photographs, %q\n", len(p.Sums), p.Classes)
	for i, sum := range p.Sums {
		fmt.Fprintf(hash, "%x\n", sum)
		if labels {
			fmt.Fprintf(hash, "%d\n", p.Labels[i])
		}
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// hashed remembers the sums of this process by path, so that a comparison of many
// runs hashes each photograph once.
var hashed sync.Map // path → fileSum

// fileSum is the sum of a file that had the given size and time.
type fileSum struct {
	size    int64
	changed time.Time
	sum     featurecache.Sum
}

// hashFiles returns the sha256 of each file, or its error, with so many goroutines; 0
// for one a core. done is called with the number of files so far, from one goroutine
// at a time.
func hashFiles(ctx context.Context, paths []string, workers int, done func(int)) (sums []featurecache.Sum, errs []error) {
	sums, errs = make([]featurecache.Sum, len(paths)), make([]error, len(paths))
	var group errgroup.Group
	group.SetLimit(cmp.Or(workers, runtime.GOMAXPROCS(0)))
	var count atomic.Int64
	var reporting sync.Mutex
	for i, path := range paths {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			sums[i], errs[i] = hashFile(path)
			reporting.Lock()
			defer reporting.Unlock()
			done(int(count.Add(1)))
			return nil
		})
	}
	_ = group.Wait() // errors are in errs
	return sums, errs
}

// hashFile returns the sha256 of a file, computed once for each size and time.
func hashFile(path string) (featurecache.Sum, error) {
	info, err := photo.Stat(path)
	if err != nil {
		return featurecache.Sum{}, err
	}
	if known, ok := hashed.Load(path); ok {
		if k := known.(fileSum); k.size == info.Size() && k.changed.Equal(info.ModTime()) {
			return k.sum, nil
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return featurecache.Sum{}, err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return featurecache.Sum{}, fmt.Errorf("%s: %w", path, err)
	}
	k := fileSum{size: info.Size(), changed: info.ModTime()}
	copy(k.sum[:], hash.Sum(nil))
	hashed.Store(path, k)
	return k.sum, nil
}
