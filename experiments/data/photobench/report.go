package photobench

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Report holds the findings of [Benchmark.Check].
type Report struct {
	Benchmark string         `json:"benchmark"`
	Root      string         `json:"root"`
	Lists     string         `json:"lists,omitempty"`
	Domains   []DomainReport `json:"domains"`
	// Duplicates are byte-identical photographs in several domains: training has
	// then seen photographs of the target with labels.
	Duplicates []Duplicate `json:"duplicates,omitempty"`
	// Problems are reasons not to run the benchmark, in plain words: files that are
	// missing or cannot be decoded, classes that differ, and domains that are missing
	// or whose number of photographs differs from the papers'.
	Problems []string `json:"problems,omitempty"`
	// Warnings are good to know: files left out, duplicates, domains whose photographs
	// are all the same, and missing domains that no task of the papers needs.
	Warnings []string `json:"warnings,omitempty"`
}

// DomainReport holds the findings about one domain.
type DomainReport struct {
	Name string `json:"name"`
	// Path is the list file or the folder of class folders; empty if not found.
	Path string `json:"path,omitempty"`
	// Error says why the domain could not be read; the fields below are empty then.
	Error string `json:"error,omitempty"`
	// Photographs were found; papers have Expected, 0 if unknown.
	Photographs int `json:"photographs"`
	Expected    int `json:"expected,omitempty"`
	Classes     int `json:"classes"`
	// Smallest is the class with the fewest photographs.
	Smallest ClassCount `json:"smallest"`
	// LeftOut counts the files that are not among the photographs.
	LeftOut LeftOut `json:"left_out,omitzero"`
	// Missing are files that do not exist, Broken are files that cannot be decoded.
	Missing []string     `json:"missing,omitempty"`
	Broken  []BrokenFile `json:"broken,omitempty"`
	// Duplicates are byte-identical photographs in this domain.
	Duplicates []Duplicate `json:"duplicates,omitempty"`
}

// ClassCount is the number of photographs of a class.
type ClassCount struct {
	Class       string `json:"class"`
	Photographs int    `json:"photographs"`
}

// BrokenFile is a file that cannot be decoded, with the reason.
type BrokenFile struct {
	Path  string `json:"path"`
	Error string `json:"error"`
}

// Duplicate is a group of byte-identical files.
type Duplicate struct {
	SHA256 string   `json:"sha256"`
	Files  []string `json:"files"`
	// Classes are the files' classes without repetition: more than one means that
	// labels are wrong.
	Classes []string `json:"classes"`
}

// OK reports whether there are no problems.
func (r Report) OK() bool { return len(r.Problems) == 0 }

// Write writes the report for people: a table of the domains, problems, warnings.
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

// known formats a number, 0 as a dash.
func known(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

// orDash replaces an empty text by a dash.
func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
