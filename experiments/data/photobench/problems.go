package photobench

import (
	"errors"
	"fmt"
	"strings"
)

// maxProblems is the number of problems that an error lists.
const maxProblems = 10

// problems collects the first problems for one error and counts the others.
type problems struct {
	first []string
	count int
}

// add adds a problem.
func (p *problems) add(format string, args ...any) {
	if p.count++; p.count <= maxProblems {
		p.first = append(p.first, fmt.Sprintf(format, args...))
	}
}

// err returns the problems as an error, nil if there are none.
func (p *problems) err() error {
	if p.count == 0 {
		return nil
	}
	return errors.New(firstOf(p.first, p.count, "\n"))
}

// firstOf joins the first of count things and says how many more there are.
func firstOf(first []string, count int, separator string) string {
	out := strings.Join(first, separator)
	if more := count - len(first); more > 0 {
		out += fmt.Sprintf("%sand %d more", separator, more)
	}
	return out
}
