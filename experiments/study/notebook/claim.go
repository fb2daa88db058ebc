package notebook

import "fmt"

// Claim panics with what is claimed, unless it holds: so a notebook fails whose
// numbers do not say what its text does.
func Claim(holds bool, format string, args ...any) {
	if !holds {
		panic("this does not hold: " + fmt.Sprintf(format, args...))
	}
}
