package config

import (
	"slices"
	"testing"
)

// TestIdle checks which changed fields have no effect.
func TestIdle(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(*Config)
		want []string
	}{
		"defaults":      {func(*Config) {}, nil},
		"RN's gates":    {func(c *Config) { c.NormOptions.GateMin = 0.2 }, nil},
		"BN's gates":    {func(c *Config) { c.Norm, c.NormOptions.GateMin = "bn", 0.2 }, []string{"norm_options.gate_min"}},
		"AutoDIAL's α":  {func(c *Config) { c.Norm, c.NormOptions.GateMin = "autodial", 0.2 }, nil},
		"common option": {func(c *Config) { c.Norm, c.NormOptions.Momentum = "bn", 0.2 }, nil},
		"DSBN": {func(c *Config) {
			c.Norm, c.NormOptions.Distance, c.NormOptions.GroupSize = "dsbn", "l1", 2
		}, []string{"norm_options.distance", "norm_options.group_size"}},
		"share with gates":    {func(c *Config) { c.NormOptions.OwnShare = 0 }, []string{"norm_options.own_share"}},
		"share without gates": {func(c *Config) { c.NormOptions.OwnShare, c.NormOptions.Aggregate = 0, false }, nil},
		"distance without RC": {func(c *Config) { c.NormOptions.Compensate, c.NormOptions.Distance = false, "l1" }, []string{"norm_options.distance"}},
		"objective": {func(c *Config) {
			c.Objective, c.RampIterations, c.ObjectiveOptions.TransferWeight = "entropy", 7, 2
		}, []string{"objective_options.transfer_weight", "ramp_iterations"}},
		"CDAN":         {func(c *Config) { c.Objective, c.ObjectiveOptions.RandomDim = "cdan", 64 }, nil},
		"other fields": {func(c *Config) { c.Steps, c.BatchSize, c.Optimizer.LearningRate = 7, 8, 0.5 }, nil},
	} {
		c, err := Default("digits")
		if err != nil {
			t.Fatal(err)
		}
		test.edit(&c)
		var got []string
		for _, idle := range c.Idle() {
			got = append(got, idle.Field)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: without effect %q, want %q", name, got, test.want)
		}
		without, err := c.WithoutIdle()
		if err != nil || len(without.Idle()) > 0 || len(Changes(c, without)) != len(test.want) {
			t.Errorf("%s: WithoutIdle changes %q, %v", name, Changes(c, without), err)
		}
	}
}
