package layout

import (
	"math"
	"strconv"
	"strings"
)

// Number prints v with the given decimals, or with as many as it needs if
// decimals is −1. It writes a real minus sign and never "−0".
func Number(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if math.Abs(v) >= 1e6 || (decimals < 0 && v != 0 && math.Abs(v) < 1e-4) {
		s = strconv.FormatFloat(v, 'e', 2, 64)
	}
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return minus(s)
}

// Percent prints a share in percent: with one decimal, or with two significant
// digits below 1 %.
func Percent(share float64) string {
	p := share * 100
	switch {
	case p == 0 || p == 100:
		return strconv.Itoa(int(p))
	case p >= 1:
		return strconv.FormatFloat(p, 'f', 1, 64)
	default:
		return strconv.FormatFloat(p, 'g', 2, 64)
	}
}

// minus replaces hyphens by minus signs.
func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }
