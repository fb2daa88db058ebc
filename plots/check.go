package plots

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// inPackage adds the name of the package to the error of an exported function.
func inPackage(err *error) {
	if *err != nil {
		*err = fmt.Errorf("plots: %w", *err)
	}
}

// maxMagnitude bounds the values of a figure: sums and ranges of smaller values
// keep six digits of precision to spare in float64.
const maxMagnitude = 1e100

// checkValue returns an error if v cannot be drawn.
func checkValue(v float64) error {
	switch {
	case math.IsNaN(v):
		return errors.New("value is NaN; drop or repair the run before plotting")
	case math.IsInf(v, 0):
		return errors.New("value is infinite; drop or repair the run before plotting")
	case math.Abs(v) > maxMagnitude:
		return fmt.Errorf("value %g exceeds %g in magnitude", v, float64(maxMagnitude))
	}
	return nil
}

// checkWithin returns an error if v cannot be drawn or lies outside [lo, hi].
func checkWithin(v, lo, hi float64) error {
	if err := checkValue(v); err != nil {
		return err
	}
	if v < lo || v > hi {
		return fmt.Errorf("value %g is outside [%.4g, %.4g]", v, lo, hi)
	}
	return nil
}

// checkCount returns an error if an option is outside [lo, hi].
func checkCount(name string, v, lo, hi int) error {
	if v < lo || v > hi {
		return fmt.Errorf("%s = %d is outside [%d, %d]", name, v, lo, hi)
	}
	return nil
}

// checkIncreasing returns an error if values cannot be drawn or do not increase
// strictly.
func checkIncreasing(name string, values []float64) error {
	for j, v := range values {
		if err := checkValue(v); err != nil {
			return fmt.Errorf("%s[%d]: %w", name, j, err)
		}
		if j > 0 && v <= values[j-1] {
			return fmt.Errorf("%s[%d] = %g does not exceed %s[%d] = %g; sort the points and keep one of each", name, j, v, name, j-1, values[j-1])
		}
	}
	return nil
}

// checkName is layout.CheckText for a text that must not be empty.
func checkName(field, txt string) error {
	if strings.TrimSpace(txt) == "" {
		return fmt.Errorf("%s is empty; the figure prints it", field)
	}
	return layout.CheckText(field, txt)
}

// namesOf returns the names of items.
func namesOf[T any](items []T, name func(T) string) []string {
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = name(item)
	}
	return names
}

// checkNames returns an error unless there is a name, and all names can be
// printed and differ. kind is what they name, in the singular.
func checkNames(kind string, names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("no %s to draw", kind)
	}
	seen := map[string]bool{}
	for i, name := range names {
		if err := checkName(fmt.Sprintf("the name of %s %d", kind, i), name); err != nil {
			return err
		}
		if seen[name] {
			return fmt.Errorf("%s %d repeats the name %q; names must differ", kind, i, name)
		}
		seen[name] = true
	}
	return nil
}

// checkSeries is checkNames for series, of which a figure can only tell as many
// apart as its theme has colours.
func checkSeries(kind string, names []string, k layout.Inks) error {
	if n := len(names); n > len(k.Categories) {
		return fmt.Errorf("%d series, but readers can tell only %d apart; split them over several figures", n, len(k.Categories))
	}
	return checkNames(kind, names)
}
