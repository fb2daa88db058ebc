package experiments

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
	"time"

	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// ResultsFile is the name of the file in an output folder that a run appends
// its line to.
const ResultsFile = "results.jsonl"

// Accuracy is the target accuracy, or the mean recall, of a run at the choices
// of its checkpoint, as fractions of 1; see [Choices]. Entropy and SND are left
// out where the evaluations have no such score.
type Accuracy struct {
	// Last is that of the last step.
	Last float64 `json:"last"`
	// LabelFree is that of the evaluation with the highest InfoMax, which is also
	// the checkpoint kept as best. No target label chooses it, or the two after it.
	LabelFree float64 `json:"label_free"`
	// Entropy is that of the evaluation with the lowest entropy.
	Entropy float64 `json:"entropy,omitempty"`
	// SND is that of the evaluation with the highest soft neighbourhood density.
	SND float64 `json:"snd,omitempty"`
	// Oracle is that of the evaluation with the highest accuracy: chosen by target
	// labels, and so not a result of unsupervised adaptation.
	Oracle float64 `json:"oracle"`
}

// Point is an evaluation during training.
type Point struct {
	Step int `json:"step"`
	// TaskLoss and TransferLoss are means over the steps since the last point.
	TaskLoss     float64 `json:"task_loss"`
	TransferLoss float64 `json:"transfer_loss"`
	LearningRate float64 `json:"learning_rate"`
	Lambda       float64 `json:"lambda"`
	// Target is about the target's test images.
	Target Evaluation `json:"target"`
	// Gates are RN's, by layer.
	Gates []Gates `json:"gates,omitempty"`
}

// Result is a line of a results file: a run that came to its end.
type Result struct {
	ID        string    `json:"id"`
	Time      time.Time `json:"time"`
	Recipe    string    `json:"recipe"`
	Source    string    `json:"source"`
	Target    string    `json:"target"`
	Norm      string    `json:"norm"`
	Objective string    `json:"objective"`
	Seed      int64     `json:"seed"`
	Steps     int       `json:"steps"`
	Accuracy  Accuracy  `json:"accuracy"`
	Recall    Accuracy  `json:"mean_recall"`
	Seconds   float64   `json:"seconds"`
	// DataWait is the share of Seconds that training waited for images.
	DataWait float64 `json:"data_wait"`
	Points   []Point `json:"points"`
	Config   Config  `json:"config"`
	// Digests are sha256 of what the run read: images by domain, pretrained weights.
	Digests map[string]string `json:"digests,omitempty"`
	// StateSHA256 is that of all variables at the end, the optimizer's too: the same
	// for the same configuration on the same machine, interrupted or not.
	StateSHA256 string `json:"state_sha256,omitempty"`
	// Devices is the number of devices that shared each training step, where it is
	// more than one; Platform has how many there were.
	Devices   int               `json:"devices,omitempty"`
	Platform  platform.Info     `json:"platform"`
	Versions  map[string]string `json:"versions"`
	GitCommit string            `json:"git_commit"`
}

// choose sets the accuracies from the points.
func (r *Result) choose() {
	for _, c := range choices {
		i, ok := c.Of(r.Points)
		if ok {
			target := r.Points[i].Target
			*c.field(&r.Accuracy), *c.field(&r.Recall) = target.Accuracy, target.MeanRecall
		}
	}
}

// AppendResult adds a line to the results file of an output folder; see
// [AppendLine].
func AppendResult(dir string, r Result) error {
	return AppendLine(filepath.Join(dir, ResultsFile), r)
}

// AppendLine adds a line of JSON to a file, in a single write, so that several
// processes may append to it. A half-written last line is ended first.
func AppendLine(path string, value any) error {
	line, err := json.Marshal(value)
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

// ReadResults reads results.jsonl and every other results*.jsonl of a folder,
// in order of name. Lines that are not results are left out, and named in the
// error, which comes with what could be read.
func ReadResults(dir string) ([]Result, error) {
	var results []Result
	err := ReadLines(dir, collect(&results))
	return results, err
}

// collect appends what lines hold to results.
func collect(results *[]Result) func(line []byte, where string) error {
	var r Result // one for all lines: most of a hostile file's are none
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
// results*.jsonl of a folder, in order of name, and where it is: "FILE, line N".
// An error of each is of its line, which is left out; all of them are returned.
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
			return fmt.Errorf("results: %w", err)
		}
		errs = append(errs, readLines(f, path, each))
		f.Close()
	}
	return errors.Join(errs...)
}

// maxBadLines is how many lines of a file that are not results are told of one
// by one.
const maxBadLines = 10

// readLines is ReadLines of a file.
func readLines(r io.Reader, path string, each func(line []byte, where string) error) error {
	var errs []error
	bad := 0
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, readErr := lines.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			where := fmt.Sprintf("%s, line %d", path, n)
			if err := each(line, where); err != nil {
				if bad++; bad <= maxBadLines {
					errs = append(errs, fmt.Errorf("results: %s is not a result and left out: %w", where, err))
				}
			}
		}
		if readErr == nil {
			continue
		}
		if bad > maxBadLines {
			errs = append(errs, fmt.Errorf("results: %s: and %d lines more", path, bad-maxBadLines))
		}
		if readErr != io.EOF {
			errs = append(errs, fmt.Errorf("results: %s: %w", path, readErr))
		}
		return errors.Join(errs...)
	}
}

// Check reports what no result lacks.
func (r Result) Check() error {
	if r.ID == "" || r.Norm == "" || len(r.Points) == 0 {
		return errors.New("no id, norm or points")
	}
	return nil
}
