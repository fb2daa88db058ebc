package oracle

// Derivative returns df/dp by the five-point central difference
// (f(p−2h) − 8 f(p−h) + 8 f(p+h) − f(p+2h)) / 12h, whose error is of order h⁴. f must
// read *p, which Derivative restores. h = 1e-4 suits values of order 1.
func Derivative(f func() float64, p *float64, h float64) float64 {
	start := *p
	at := func(steps float64) float64 {
		*p = start + steps*h
		return f()
	}
	slope := (at(-2) - 8*at(-1) + 8*at(1) - at(2)) / (12 * h)
	*p = start
	return slope
}
