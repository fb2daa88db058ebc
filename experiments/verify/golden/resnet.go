package golden

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	// resNet50Features is the width of ResNet-50's last stage (pool5).
	resNet50Features = 2048
	// imageNetClasses is the number of classes of ILSVRC 2012.
	imageNetClasses = 1000
)

// ResNet holds results of a published ImageNet ResNet-50.
type ResNet struct {
	// Model names the published weights.
	Model string `json:"model"`
	// InputRGB is the formula of the input image, in words.
	InputRGB string `json:"input_rgb"`
	// Preprocess describes how pixels become the network's input.
	Preprocess string `json:"preprocess"`
	// BatchNormEpsilon is added to the variances in that network.
	BatchNormEpsilon float64 `json:"batchnorm_epsilon"`
	// Stride names the convolution of a stage that strides.
	Stride string `json:"stride"`
	// FeaturesPool5 are the 2048 averaged features of the formula input.
	FeaturesPool5 []float64 `json:"features_pool5"`
	// LogitsTop are the largest logits of the formula input, largest first.
	LogitsTop []ClassScore `json:"logits_top"`
	Photos    []Photo      `json:"photos"`
}

// Photo is the prediction for one photograph.
type Photo struct {
	// Path is relative to the office-caltech10 data folder, with slashes.
	Path       string `json:"path"`
	Preprocess string `json:"preprocess"`
	// Top3 are the three most probable classes with their probabilities.
	Top3 []ClassScore `json:"top3_class_probability"`
}

// ClassScore is an ImageNet class, 0 to 999, with its logit or probability. In
// the file it is a pair [class, score].
type ClassScore struct {
	Class int
	Score float64
}

// UnmarshalJSON reads a pair [class, score].
func (s *ClassScore) UnmarshalJSON(data []byte) error {
	text, opened := strings.CutPrefix(string(data), "[")
	text, closed := strings.CutSuffix(text, "]")
	class, score, two := strings.Cut(text, ",")
	if !opened || !closed || !two || strings.Contains(score, ",") {
		return fmt.Errorf("got %.40s, expected a pair [class, score]", data)
	}
	var err error
	if s.Class, err = strconv.Atoi(strings.TrimSpace(class)); err != nil {
		return fmt.Errorf("class: %w", err)
	}
	if s.Score, err = strconv.ParseFloat(strings.TrimSpace(score), 64); err != nil {
		return fmt.Errorf("score: %w", err)
	}
	return nil
}

// Validate checks the sizes, and that classes and probabilities are in range and
// in order.
func (r *ResNet) Validate() error {
	err := firstError(
		check(r.BatchNormEpsilon > 0, "batchnorm_epsilon", "got %v, expected a positive number", r.BatchNormEpsilon),
		check(len(r.FeaturesPool5) == resNet50Features, "features_pool5",
			"got %d values, expected %d", len(r.FeaturesPool5), resNet50Features),
		checkRanking("logits_top", r.LogitsTop),
	)
	if err != nil {
		return err
	}
	for i, photo := range r.Photos {
		path := fmt.Sprintf("photos[%d]", i)
		if !filepath.IsLocal(filepath.FromSlash(photo.Path)) {
			return fmt.Errorf("%s.path: got %q, expected a path inside the data folder", path, photo.Path)
		}
		field := path + ".top3_class_probability"
		if len(photo.Top3) != 3 {
			return fmt.Errorf("%s: got %d entries, expected 3", field, len(photo.Top3))
		}
		if err := checkRanking(field, photo.Top3); err != nil {
			return err
		}
		if photo.Top3[0].Score > 1 || photo.Top3[2].Score < 0 {
			return fieldError(field, errors.New("a probability is outside [0, 1]"))
		}
	}
	return nil
}

// checkRanking checks that a ranking names classes once each, largest score first.
func checkRanking(field string, ranking []ClassScore) error {
	if err := checkNotEmpty(field, len(ranking)); err != nil {
		return err
	}
	seen := make(map[int]bool, len(ranking))
	for i, s := range ranking {
		path := fmt.Sprintf("%s[%d]", field, i)
		err := firstError(
			check(s.Class >= 0 && s.Class < imageNetClasses, path,
				"class %d, expected 0 to %d", s.Class, imageNetClasses-1),
			check(!seen[s.Class], path, "class %d appears twice", s.Class),
			check(i == 0 || s.Score <= ranking[max(i-1, 0)].Score, path, "score %v is above the one before it", s.Score),
		)
		if err != nil {
			return err
		}
		seen[s.Class] = true
	}
	return nil
}
