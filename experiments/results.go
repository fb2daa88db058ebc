package experiments

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/reciprocalnorm/rn/experiments/platform"
)

// ResultsFile is the name of the file in an output folder that a run appends
// its line to.
const ResultsFile = "results.jsonl"

// Accuracy is the target accuracy of a run at three choices of its checkpoint,
// as fractions of 1.
type Accuracy struct {
	// Last is that of the last step.
	Last float64 `json:"last"`
	// LabelFree is that of the evaluation with the highest InfoMax, which no
	// target label chooses.
	LabelFree float64 `json:"label_free"`
	// Oracle is the highest of all evaluations: chosen by target labels, and so
	// not a result of unsupervised adaptation.
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
	StateSHA256 string            `json:"state_sha256,omitempty"`
	Platform    platform.Info     `json:"platform"`
	Versions    map[string]string `json:"versions"`
	GitCommit   string            `json:"git_commit"`
}

// choose sets the accuracies from the points.
func (r *Result) choose() {
	last, labelFree, oracle := r.Points[len(r.Points)-1], r.Points[best(r.Points)], r.Points[0]
	for _, p := range r.Points {
		if p.Target.Accuracy > oracle.Target.Accuracy {
			oracle = p
		}
	}
	r.Accuracy = Accuracy{last.Target.Accuracy, labelFree.Target.Accuracy, oracle.Target.Accuracy}
	r.Recall = Accuracy{last.Target.MeanRecall, labelFree.Target.MeanRecall, oracle.Target.MeanRecall}
}

// AppendResult adds a line to the results file of an output folder, in a single
// write, so that several processes may append to it. A half-written last line
// is ended first.
func AppendResult(dir string, r Result) error {
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	path := filepath.Join(dir, ResultsFile)
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
	paths, err := filepath.Glob(filepath.Join(dir, "results*.jsonl"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("results: no %s in %s: %w", ResultsFile, dir, fs.ErrNotExist)
	}
	slices.Sort(paths)
	var results []Result
	var errs []error
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("results: %w", err)
		}
		found, err := parseResults(f)
		f.Close()
		results = append(results, found...)
		if err != nil {
			errs = append(errs, fmt.Errorf("results: %s: %w", path, err))
		}
	}
	return results, errors.Join(errs...)
}

// maxBadLines is how many lines that are not results are told of one by one.
const maxBadLines = 10

// parseResults reads lines of results; its errors name the lines.
func parseResults(r io.Reader) ([]Result, error) {
	var results []Result
	var errs []error
	var result Result // one for all lines: most of a hostile file's are none
	bad := 0
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, readErr := lines.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			result = Result{}
			err := json.Unmarshal(line, &result)
			if err == nil && (result.ID == "" || result.Norm == "" || len(result.Points) == 0) {
				err = errors.New("no id, norm or points")
			}
			if err == nil {
				results = append(results, result)
			} else if bad++; bad <= maxBadLines {
				errs = append(errs, fmt.Errorf("line %d is not a result and left out: %w", n, err))
			}
		}
		if readErr != nil {
			if bad > maxBadLines {
				errs = append(errs, fmt.Errorf("and %d lines more", bad-maxBadLines))
			}
			if readErr != io.EOF {
				errs = append(errs, readErr)
			}
			return results, errors.Join(errs...)
		}
	}
}

// Row is the accuracies of runs that differ in their seed alone.
type Row struct {
	Source, Target, Objective, Norm string
	Seeds                           int
	// Mean and Std are over seeds; Std is that of a sample, 0 for one seed.
	Mean, Std Accuracy
	// Seconds is the mean wall time of a run.
	Seconds float64
}

// Summarize groups results by everything but the seed, in order of first
// appearance. Of several results with the same id the last counts.
func Summarize(results []Result) []Row {
	latest := make(map[string]Result)
	var order []string // of groups
	groups := make(map[string][]string)
	for _, r := range results {
		if _, seen := latest[r.ID]; !seen {
			c := r.Config
			c.Seed = 0
			key := c.ID()
			if groups[key] == nil {
				order = append(order, key)
			}
			groups[key] = append(groups[key], r.ID)
		}
		latest[r.ID] = r
	}
	rows := make([]Row, 0, len(order))
	for _, key := range order {
		first := latest[groups[key][0]]
		row := Row{Source: first.Source, Target: first.Target, Objective: first.Objective, Norm: first.Norm, Seeds: len(groups[key])}
		var last, labelFree, oracle, seconds []float64
		for _, id := range groups[key] {
			r := latest[id]
			last, labelFree, oracle = append(last, r.Accuracy.Last), append(labelFree, r.Accuracy.LabelFree), append(oracle, r.Accuracy.Oracle)
			seconds = append(seconds, r.Seconds)
		}
		row.Mean.Last, row.Std.Last = meanStd(last)
		row.Mean.LabelFree, row.Std.LabelFree = meanStd(labelFree)
		row.Mean.Oracle, row.Std.Oracle = meanStd(oracle)
		row.Seconds, _ = meanStd(seconds)
		rows = append(rows, row)
	}
	return rows
}

// meanStd is the mean and the sample standard deviation, 0 for one value.
func meanStd(values []float64) (mean, std float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	if len(values) < 2 {
		return mean, 0
	}
	for _, v := range values {
		std += (v - mean) * (v - mean) / float64(len(values)-1)
	}
	return mean, math.Sqrt(std)
}
