package photobench

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"path/filepath"
)

// Photos are the photographs of a domain: files and labels.
type Photos struct {
	// Name is the domain's.
	Name string
	// Root is the folder below which the files are.
	Root string
	// Paths are the files, Root included.
	Paths []string
	// Labels are the class of each photograph, from 0; nil where nobody may see
	// them.
	Labels []int32
	// Classes are the names of the classes, by label.
	Classes []string

	named bool // Classes are names of folders, not "class 0"
}

// Len is the number of photographs.
func (p *Photos) Len() int { return len(p.Paths) }

// Digest is the sha256, in hexadecimal, of the paths relative to the root, the
// labels, if there are any, and the names of the classes: the same on machines
// that have the photographs in other folders. It is not of what is in the files.
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
	_ = out.Flush() // a hash takes everything
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// WithoutLabels are the same photographs, unlabelled. Paths and Classes are
// shared.
func (p *Photos) WithoutLabels() *Photos {
	out := *p
	out.Labels = nil
	return &out
}

// counts is the number of photographs of each class.
func (p *Photos) counts() []int {
	out := make([]int, len(p.Classes))
	for _, label := range p.Labels {
		out[label]++
	}
	return out
}
