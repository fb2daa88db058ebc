package experiments

import (
	"strings"
	"testing"
)

func TestFindLayer(t *testing.T) {
	paths := []string{
		"/model/backbone/conv1/norm", "/model/backbone/layer1/0/conv1/norm", "/model/backbone/layer4/0/conv2/norm", "/model/backbone/layer4/1/conv2/norm", "/model/head/bottleneck/norm",
	}
	for name, want := range map[string]int{
		"/model/backbone/layer4/1/conv2/norm": 3, "layer4/1/conv2": 3, "1/conv2": 3, "bottleneck": 4, "head/bottleneck": 4,
		"conv1": 0, // the name of one layer, the end of another's
	} {
		if got, err := FindLayer(paths, name); err != nil || got != want {
			t.Errorf("%s is layer %d, %v, want %d", name, got, err, want)
		}
	}
	for name, want := range map[string]string{
		"conv2": `layer "conv2" could be any of layer4/0/conv2, layer4/1/conv2`,
		"onv1":  `unknown layer "onv1": want one of conv1, layer1/0/conv1, layer4/0/conv2, layer4/1/conv2, head/bottleneck`,
		"":      `unknown layer ""`,
	} {
		if got, err := FindLayer(paths, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is layer %d, error %v, want %s", name, got, err, want)
		}
	}
}
