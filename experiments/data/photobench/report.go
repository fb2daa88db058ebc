package photobench

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Report is what [Benchmark.Check] found.
type Report struct {
	Benchmark string         `json:"benchmark"`
	Root      string         `json:"root"`
	Lists     string         `json:"lists,omitempty"`
	Domains   []DomainReport `json:"domains"`
	// Duplicates are photographs of the same content, to the byte, in several
	// domains: then a target's photographs have been seen with labels.
	Duplicates []Duplicate `json:"duplicates,omitempty"`
	// Problems are reasons not to run the benchmark, in plain words: files that are
	// missing or cannot be decoded, classes that differ, domains that are not there
	// or have another number of photographs than in papers.
	Problems []string `json:"problems,omitempty"`
	// Warnings are what is good to know: duplicates, and domains that are not there
	// but in no task of the papers.
	Warnings []string `json:"warnings,omitempty"`
}

// DomainReport is about a domain.
type DomainReport struct {
	Name string `json:"name"`
	// Path is the list file or the folder of class folders; empty if there is none.
	Path string `json:"path,omitempty"`
	// Error says why the domain could not be read; all below is empty then.
	Error string `json:"error,omitempty"`
	// Photographs are found, Expected are in papers; 0 is unknown.
	Photographs int `json:"photographs"`
	Expected    int `json:"expected,omitempty"`
	Classes     int `json:"classes"`
	// Smallest is the class with the fewest photographs.
	Smallest ClassCount `json:"smallest"`
	// Missing are files that are not there, Broken those that cannot be decoded.
	Missing []string     `json:"missing,omitempty"`
	Broken  []BrokenFile `json:"broken,omitempty"`
	// Duplicates are photographs of the same content in this domain.
	Duplicates []Duplicate `json:"duplicates,omitempty"`
}

// ClassCount is the number of photographs of a class.
type ClassCount struct {
	Class       string `json:"class"`
	Photographs int    `json:"photographs"`
}

// BrokenFile is a file that is no photograph, and why.
type BrokenFile struct {
	Path  string `json:"path"`
	Error string `json:"error"`
}

// Duplicate is a number of files of the same content.
type Duplicate struct {
	SHA256 string   `json:"sha256"`
	Files  []string `json:"files"`
	// Classes are those of the files, each once: more than one is an error in the
	// labels.
	Classes []string `json:"classes"`
}

// OK reports whether there are no problems.
func (r Report) OK() bool { return len(r.Problems) == 0 }

// Write writes the report for people: a table of domains, problems, warnings.
func (r Report) Write(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "domain\tphotographs\texpected\tclasses\tsmallest class\tmissing\tbroken\tduplicates\tfrom")
	for _, d := range r.Domains {
		if d.Error != "" {
			fmt.Fprintf(table, "%s\t-\t%s\t-\t-\t-\t-\t-\t%s\n", d.Name, known(d.Expected), orDash(d.Path))
			continue
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%d\t%s (%d)\t%d\t%d\t%d\t%s\n", d.Name, d.Photographs, known(d.Expected), d.Classes,
			d.Smallest.Class, d.Smallest.Photographs, len(d.Missing), len(d.Broken), len(d.Duplicates), d.Path)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, part := range []struct {
		title string
		lines []string
	}{{"problem", r.Problems}, {"warning", r.Warnings}} {
		for _, line := range part.lines {
			if _, err := fmt.Fprintf(w, "%s: %s\n", part.title, line); err != nil {
				return err
			}
		}
	}
	last := "no problems"
	if !r.OK() {
		last = fmt.Sprintf("%d problems", len(r.Problems))
		if len(r.Problems) == 1 {
			last = "1 problem"
		}
	}
	_, err := fmt.Fprintf(w, "%s: %s\n", r.Benchmark, last)
	return err
}

// known is a number, or a dash for 0.
func known(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

// orDash is a text, or a dash for none.
func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
