package config

import (
	"github.com/reciprocalnorm/rn/experiments/problems"
)

// Photos describes the path from a photograph to the network's input: resize,
// then a random crop and a random mirror image in training, or the centre crop in
// tests.
type Photos struct {
	// Resize is the height and width in pixels before cropping. Default 256 (the
	// paper).
	Resize int `json:"resize"`
	// KeepAspect resizes the shorter side to Resize and keeps the aspect ratio.
	// Default false (the authors' code).
	KeepAspect bool `json:"keep_aspect"`
	// Crop is the side in pixels of the square that the network reads. Default 224
	// (the paper).
	Crop int `json:"crop"`
	// TestCrops is 1 for the centre crop, or [TenCrops]: the four corners, the
	// centre and their mirror images, whose probabilities are averaged. Default 1.
	TestCrops int `json:"test_crops"`
}

// TenCrops is the value of Photos.TestCrops for ten crops of a photograph.
const TenCrops = 10

// paperPhotos are the defaults.
var paperPhotos = Photos{Resize: 256, Crop: 224, TestCrops: 1}

// minCrop is the smallest input of a ResNet, which halves its input five times.
const minCrop = 32

// Validate returns every problem of the settings, joined.
func (p Photos) Validate() error {
	var found problems.Problems
	found.Require(p.Crop >= minCrop, "the crop is %d pixels: a ResNet needs %d or more", p.Crop, minCrop)
	found.Require(p.Resize >= p.Crop, "photographs are resized to %d pixels and cropped to %d: the crop must not be larger", p.Resize, p.Crop)
	found.Require(p.TestCrops == 1 || p.TestCrops == TenCrops, "%d crops in tests: want 1 or %d", p.TestCrops, TenCrops)
	return found.Err()
}
