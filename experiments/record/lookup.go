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

// LatestOfEach keeps the latest result of each run, by time, whatever version of
// the code made it. Runs come in order of first appearance. Values may be results or
// structs that embed one.
func LatestOfEach[R interface{ result() Result }](all []R) []R {
	at := make(map[string]int) // by run
	var kept []R
	for _, value := range all {
		r := value.result()
		run := r.Identity()
		run.Version = ""
		i, seen := at[run.ID()]
		switch {
		case !seen:
			at[run.ID()] = len(kept)
			kept = append(kept, value)
		case !r.Time.Before(kept[i].result().Time):
			kept[i] = value
		}
	}
	return kept
}

// result is the result itself, for functions that also take structs which embed it.
func (r Result) result() Result { return r }
