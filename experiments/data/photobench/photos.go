package photobench

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"path/filepath"
)

// Photos are the files and labels of a domain's photographs.
type Photos struct {
	// Name is the domain's name.
	Name string
	// Root is the folder that contains the files.
	Root string
	// Paths are the files, including Root.
	Paths []string
	// Labels are the photographs' classes, from 0; nil if they are withheld.
	Labels []int32
	// Classes are the names of the classes, by label.
	Classes []string

	named bool // Classes are folders' names, not "class 0"
}

// Len returns the number of photographs.
func (p *Photos) Len() int { return len(p.Paths) }

// Digest returns the sha256, in hexadecimal, of the paths relative to the root, the
// labels, if there are any, and the class names. It is the same wherever the
// photographs lie, and does not cover the files' content.
func (p *Photos) Digest() string {
	hash := sha256.New()
	out := bufio.NewWriter(hash)
	fmt.Fprintf(out, "%d photographs, %d labels, %d classes\n", len(p.Paths), len(p.Labels), len(p.Classes))
	for _, path := range p.Paths {
		if relative, err := filepath.Rel(p.Root, path); err == nil {
			path = relative
		}
		fmt.Fprintf(out, "%q\n", filepath.ToSlash(path))
	}
	for _, label := range p.Labels {
		fmt.Fprintf(out, "%d\n", label)
	}
	for _, class := range p.Classes {
		fmt.Fprintf(out, "%q\n", class)
	}
	_ = out.Flush() // writing to a hash never fails
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// WithoutLabels returns the same photographs without labels, sharing Paths and
// Classes.
func (p *Photos) WithoutLabels() *Photos {
	out := *p
	out.Labels = nil
	return &out
}

// counts returns the number of photographs of each class.
func (p *Photos) counts() []int {
	out := make([]int, len(p.Classes))
	for _, label := range p.Labels {
		out[label]++
	}
	return out
}
