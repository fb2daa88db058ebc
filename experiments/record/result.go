package record

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/score"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// Accuracy is a run's target accuracy, or its mean recall, at each [Choice] of the
// evaluation, as a fraction of 1. Entropy and SND are 0, and absent from JSON, where
// the evaluations lack the score.
type Accuracy struct {
	// Last belongs to the last step.
	Last float64 `json:"last"`
	// InfoMax belongs to the evaluation with the highest InfoMax, whose checkpoint
	// is kept as best. Neither it nor Entropy or SND uses target labels.
	InfoMax float64 `json:"infomax"`
	// Entropy belongs to the evaluation with the lowest entropy.
	Entropy float64 `json:"entropy,omitempty"`
	// SND belongs to the evaluation with the highest soft neighbourhood density.
	SND float64 `json:"snd,omitempty"`
	// Oracle belongs to the evaluation with the highest accuracy. It is picked with
	// target labels, so it is an upper bound, not a result of unsupervised
	// adaptation.
	Oracle float64 `json:"oracle"`
}

// UnmarshalJSON implements json.Unmarshaler. Older results call InfoMax
// "label_free".
func (a *Accuracy) UnmarshalJSON(data []byte) error {
	type accuracy Accuracy
	read := struct {
		accuracy
		LabelFree float64 `json:"label_free"`
	}{}
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	*a = Accuracy(read.accuracy)
	if a.InfoMax == 0 {
		a.InfoMax = read.LabelFree
	}
	return nil
}

// Point is an evaluation during training.
type Point struct {
	Step int `json:"step"`
	// TaskLoss and TransferLoss are means over the steps since the previous point.
	TaskLoss     float64 `json:"task_loss"`
	TransferLoss float64 `json:"transfer_loss"`
	LearningRate float64 `json:"learning_rate"`
	Lambda       float64 `json:"lambda"`
	// Target scores the predictions for the target's test images.
	Target score.Evaluation `json:"target"`
	// Gates are RN's gates by layer.
	Gates []Gates `json:"gates,omitempty"`
}

// Result is a finished run: a line of a results file.
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
	// Classes are the network's by label; older results lack them.
	Classes  []string `json:"classes,omitempty"`
	Accuracy Accuracy `json:"accuracy"`
	Recall   Accuracy `json:"mean_recall"`
	Seconds  float64  `json:"seconds"`
	// DataWait is the share of Seconds in which training waited for images.
	DataWait float64       `json:"data_wait"`
	Points   []Point       `json:"points"`
	Config   config.Config `json:"config"`
	// Digests are sha256 sums of the run's input, by the Digest constants.
	Digests map[string]string `json:"digests,omitempty"`
	// StateSHA256 is the sha256 of all variables at the end, the optimizer's too. It
	// is the same for equal identities on the same machine, interrupted or not.
	StateSHA256 string `json:"state_sha256,omitempty"`
	// Devices is the number of devices that shared each training step; 0 is one.
	// Platform has the number of devices that the backend has.
	Devices  int               `json:"devices,omitempty"`
	Platform platform.Info     `json:"platform"`
	Versions map[string]string `json:"versions"`
	// GitCommit is the version of the code, see [CodeVersion].
	GitCommit string `json:"git_commit"`
}

// Choose sets the accuracies and recalls from the points.
func (r *Result) Choose() {
	for _, c := range choices {
		i, ok := c.Of(r.Points)
		if ok {
			target := r.Points[i].Target
			*c.field(&r.Accuracy), *c.field(&r.Recall) = target.Accuracy, target.MeanRecall
		}
	}
}

// Check returns an error unless the result has an id, a norm and points.
func (r Result) Check() error {
	if r.ID == "" || r.Norm == "" || len(r.Points) == 0 {
		return errors.New("no id, norm or points")
	}
	return nil
}
