package notebook

import "fmt"

// Claim panics with the formatted claim unless it holds. A notebook thus fails if its
// numbers contradict its text.
func Claim(holds bool, format string, args ...any) {
	if !holds {
		panic("claim fails: " + fmt.Sprintf(format, args...))
	}
}
