package notebook

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
)

// The environment variables that cells read.
const (
	// ProfileVariable selects the profile.
	ProfileVariable = "RN_NOTEBOOK_PROFILE"
	// HeadlessVariable, set to any value, makes [Interact] draw once and return.
	HeadlessVariable = "RN_NOTEBOOK_HEADLESS"
)

// The profiles.
const (
	Quick = "quick" // seconds per run, for CI
	Full  = "full"  // the computation behind the committed outputs
)

// Profile returns the profile of [ProfileVariable], [Quick] by default. It panics on
// an unknown profile.
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

// Environment returns the environment of the profile's runs. Results and checkpoints
// are in ../out/notebooks/PROFILE, as cells run in the folder notebooks.
func Environment() environment.Environment {
	return environment.Environment{Output: environment.Output{Out: filepath.Join("..", "out", "notebooks", Profile())}}
}

// Digits returns the configuration that the notebooks on digits share: MNIST → UCI
// digits, RN with CDAN+E, for the number of steps of the profile.
func Digits() config.Config {
	c := Must(config.Task{Recipe: "digits", Source: "mnist", Target: "uci"}.Default())
	c.Steps, c.EvalEvery = 400, 50
	if Profile() == Quick {
		c.Steps, c.EvalEvery, c.TrainLimit = 60, 20, 2000
	}
	return c
}

// Seeds returns the number of seeds of a comparison.
func Seeds() int {
	if Profile() == Quick {
		return 1
	}
	return 3
}

// Must returns the value, or panics with a non-nil error.
func Must[T any](value T, err error) T {
	Check(err)
	return value
}

// Check panics with a non-nil error.
func Check(err error) {
	if err != nil {
		panic(err)
	}
}
