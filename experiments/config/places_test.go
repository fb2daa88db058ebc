package config_test

import (
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// TestPlacesOfFrozenStages: frozen stages have no place for a norm.
func TestPlacesOfFrozenStages(t *testing.T) {
	c, err := config.Default("office-home")
	if err != nil {
		t.Fatal(err)
	}
	c.Network.Freeze = 2
	var names []string
	for _, p := range c.Places() {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); got != "layer2 layer3 layer4 bottleneck" {
		t.Errorf("places %s", got)
	}
	c.Network.Freeze, c.Network.PlainBottleneck = backbone.Stages, true
	c.NormAt = []string{"bottleneck"}
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "no place") {
		t.Errorf("error %v", err)
	}
}

// TestWrongPlaces: the error names the places that the network has.
func TestWrongPlaces(t *testing.T) {
	for _, test := range []struct {
		norm, places, want string
	}{
		{"rn", "layer1", `unknown place "layer1": recipe digits with this network has conv1, conv2, hidden`},
		{"rn", "conv2 conv1", "in the order conv1, conv2, hidden"},
		{"rn", "conv1 conv1", "each place once"},
		{"rn", "conv1 conv2 hidden", "these are all places"},
		{"bn", "conv1", "the other places have bn too"},
	} {
		c := toydata.DigitsConfig(t, test.norm, "cdan-e")
		c.NormAt = strings.Fields(test.places)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s at %s: error %v, want %q", test.norm, test.places, err, test.want)
		}
	}
}

// TestNormIn: the norm is in the named places and below them, and BN elsewhere.
func TestNormIn(t *testing.T) {
	c := toydata.DigitsConfig(t, "rn", "cdan-e")
	if got := c.NormIn("/model/conv1"); got != "rn" {
		t.Errorf("without places conv1 has %s", got)
	}
	c.NormAt = []string{"conv1"}
	for scope, want := range map[string]string{"/model/conv1": "rn", "/model/conv1/norm": "rn", "/model/conv10": "bn", "/model/conv2": "bn"} {
		if got := c.NormIn(scope); got != want {
			t.Errorf("%s has %s, want %s", scope, got, want)
		}
	}
}
