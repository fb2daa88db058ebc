package training

import (
	"slices"
	"testing"
)

func TestNaturalCompare(t *testing.T) {
	got := []string{"layer3/10/conv1", "conv1", "layer3/2/conv1", "layer3/2", "layer10", "layer02", "layer3/2/conv1"}
	slices.SortFunc(got, naturalCompare)
	want := []string{"conv1", "layer02", "layer3/2", "layer3/2/conv1", "layer3/2/conv1", "layer3/10/conv1", "layer10"}
	if !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}
