package notebook

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
)

// The environment that cells read.
const (
	// ProfileVariable says how much is computed.
	ProfileVariable = "RN_NOTEBOOK_PROFILE"
	// HeadlessVariable says, by any value, that nobody is there to move a control.
	HeadlessVariable = "RN_NOTEBOOK_HEADLESS"
)

// The profiles.
const (
	Quick = "quick" // seconds a run, as in CI
	Full  = "full"  // what the committed outputs are of
)

// Profile is that of [ProfileVariable], default [Quick]. It panics on another.
func Profile() string {
	switch p := os.Getenv(ProfileVariable); p {
	case "":
		return Quick
	case Quick, Full:
		return p
	default:
		panic(fmt.Sprintf("%s is %q: want %s or %s", ProfileVariable, p, Quick, Full))
	}
}

// Environment is that of the profile's runs: results and checkpoints are in
// out/notebooks/PROFILE beside the folder of notebooks, which cells run in.
func Environment() environment.Environment {
	return environment.Environment{Output: environment.Output{Out: filepath.Join("..", "out", "notebooks", Profile())}}
}

// Digits is the configuration of the digits that notebooks share: MNIST → UCI
// digits, RN with CDAN+E, as long as the profile wants it.
func Digits() config.Config {
	c := Must(config.Task{Recipe: "digits", Source: "mnist", Target: "uci"}.Default())
	c.Steps, c.EvalEvery = 400, 50
	if Profile() == Quick {
		c.Steps, c.EvalEvery, c.TrainLimit = 60, 20, 2000
	}
	return c
}

// Seeds is the number of seeds of a comparison.
func Seeds() int {
	if Profile() == Quick {
		return 1
	}
	return 3
}

// Must returns a value, or panics with the error.
func Must[T any](value T, err error) T {
	Check(err)
	return value
}

// Check panics with an error.
func Check(err error) {
	if err != nil {
		panic(err)
	}
}
