package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/reciprocalnorm/rn/experiments/checksum"
)

// ResultsFile is the file in an output folder to which each run appends a line.
const ResultsFile = "results.jsonl"

// Append adds the result as a line to the results file of an output folder; see
// [AppendLine].
func (r Result) Append(dir string) error { return AppendLine(filepath.Join(dir, ResultsFile), r) }

// AppendLine adds a line of JSON with a checksum to a file in a single write, so that
// several processes can append to the same file. It first ends a half-written last
// line. The value's JSON must be an object.
func AppendLine(path string, value any) error {
	line, err := checksum.Marshal(value)
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	defer f.Close()
	line = append(line, '\n')
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		var last [1]byte
		if _, err := f.ReadAt(last[:], info.Size()-1); err == nil && last[0] != '\n' {
			line = append([]byte{'\n'}, line...)
		}
	}
	if _, err := f.Write(line); err != nil {
		return fmt.Errorf("results: writing %s: %w", path, err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("results: writing %s: %w", path, err)
	}
	return nil
}

// Read reads results.jsonl and every other results*.jsonl of a folder, in order of
// name. It skips lines that are damaged or not results and names them in the error,
// which comes together with the results that could be read. Lines of older versions
// have no checksum and are taken as they are, see [Unchecked].
func Read(dir string) ([]Result, error) {
	var results []Result
	err := ReadLines(dir, collect(&results))
	return results, err
}

// Unchecked returns a warning if lines in the files that [Read] reads have no checksum,
// and else nil.
func Unchecked(dir string) error {
	all, without := 0, 0
	_ = ReadLines(dir, func(line []byte, _ string) error { // Read returns its error
		all++
		if errors.Is(checksum.Verify(line), checksum.ErrMissing) && json.Valid(line) {
			without++
		}
		return nil
	})
	if without == 0 {
		return nil
	}
	return fmt.Errorf("results: %d of %d lines in %s have no checksum: an older version wrote them, so damage would go unnoticed", without, all, dir)
}

// collect appends what lines hold to results.
func collect(results *[]Result) func(line []byte, where string) error {
	var r Result // shared by all lines: a hostile file may have many that are not results
	return func(line []byte, _ string) error {
		r = Result{}
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		if err := r.Check(); err != nil {
			return err
		}
		*results = append(*results, r)
		return nil
	}
}

// ReadLines calls each with every line of results.jsonl and the other
// results*.jsonl of a folder, in order of name, and with the line's place, "FILE,
// line N". It skips lines that differ from their checksum and those for which each
// returns an error, and joins the errors.
func ReadLines(dir string, each func(line []byte, where string) error) error {
	paths, err := filepath.Glob(filepath.Join(dir, "results*.jsonl"))
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return fmt.Errorf("results: no %s in %s: %w", ResultsFile, dir, fs.ErrNotExist)
	}
	slices.Sort(paths)
	var errs []error
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			errs = append(errs, fmt.Errorf("results: %w", err))
			continue
		}
		errs = append(errs, readLines(f, path, each))
		f.Close()
	}
	return errors.Join(errs...)
}

// maxBadLines is the number of bad lines of a file that the error names one by
// one.
const maxBadLines = 10

// jsonSpace is the white space that JSON allows around a line. Other white space is
// damage.
const jsonSpace = " \t\r\n"

// readLines is ReadLines of a file.
func readLines(r io.Reader, path string, each func(line []byte, where string) error) error {
	var errs []error
	bad := 0
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, readErr := lines.ReadBytes('\n')
		if line = bytes.Trim(line, jsonSpace); len(line) > 0 {
			where := fmt.Sprintf("%s, line %d", path, n)
			if err := checkLine(line, where, each); err != nil {
				if bad++; bad <= maxBadLines {
					errs = append(errs, fmt.Errorf("results: %s is skipped: %w", where, err))
				}
			}
		}
		if readErr == nil {
			continue
		}
		if bad > maxBadLines {
			errs = append(errs, fmt.Errorf("results: %s: and %d more lines", path, bad-maxBadLines))
		}
		if readErr != io.EOF {
			errs = append(errs, fmt.Errorf("results: %s: %w", path, readErr))
		}
		return errors.Join(errs...)
	}
}

// checkLine verifies a line's checksum, if it has one, and calls each.
func checkLine(line []byte, where string, each func(line []byte, where string) error) error {
	if err := checksum.Verify(line); err != nil && !errors.Is(err, checksum.ErrMissing) {
		return err
	}
	if err := each(line, where); err != nil {
		return fmt.Errorf("not a result: %w", err)
	}
	return nil
}
