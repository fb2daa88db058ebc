package record

// Latest is the last result, by time, that matches. ok is false if none does.
func Latest(results []Result, matches func(Result) bool) (found Result, ok bool) {
	for _, r := range results {
		if matches(r) && !(ok && r.Time.Before(found.Time)) {
			found, ok = r, true
		}
	}
	return found, ok
}
