package classes

// maxSimilar bounds the length of the keys that are compared letter by letter.
const maxSimilar = 100

// mostSimilar returns the index of the name that is most likely a misspelt form of
// another, the first one in a tie; −1 if more than a third of the letters differ.
func mostSimilar(name string, names []string) int {
	best, least := -1, 0
	key := []rune(Key(name))
	for i, n := range names {
		candidate := []rune(Key(n))
		longer := max(len(key), len(candidate))
		if longer > maxSimilar || 3*(longer-min(len(key), len(candidate))) > longer {
			continue
		}
		if d := distance(key, candidate); 3*d <= longer && (best < 0 || d < least) {
			best, least = i, d
		}
	}
	return best
}

// distance is the Levenshtein distance: the number of letters to insert, remove or
// replace.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1) // distances of a's first letters from each start of b
	for j := range row {
		row[j] = j
	}
	for i, letter := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, other := range b {
			replaced := diagonal
			if letter != other {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
