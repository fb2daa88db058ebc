package photobench

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Domain is a set of photographs of one kind.
type Domain struct {
	// Name is the one that commands and result files use.
	Name string `json:"name"`
	// Aliases are other names of it, of files and on command lines.
	Aliases []string `json:"aliases,omitempty"`
	// Count is the number of photographs it has in papers; 0 is unknown.
	Count int `json:"photographs,omitempty"`
	// Repeated is the number of lines of the papers' list about a photograph that
	// the list has already, with another label. More are an error.
	Repeated int `json:"repeated,omitempty"`
}

// names are the name and the aliases that differ in more than case and
// separators.
func (d Domain) names() []string {
	var out []string
	for _, name := range append([]string{d.Name}, d.Aliases...) {
		if !slices.ContainsFunc(out, func(n string) bool { return folded(n) == folded(name) }) {
			out = append(out, name)
		}
	}
	return out
}

// Task is a pair of domains: labels of the source, accuracy on the target.
type Task struct {
	Source string `json:"source"`
	Target string `json:"target"`
}

// Benchmark is a set of domains with the same classes.
type Benchmark struct {
	// Name is what the command and configurations call it.
	Name string `json:"name"`
	// Summary says in a line what it is.
	Summary string `json:"summary"`
	// Reference is the publication that it is from.
	Reference string `json:"reference,omitempty"`
	// Counted says where the counts of the domains come from.
	Counted string `json:"counted,omitempty"`
	// Domains are its parts; none: any that are there, the user's own.
	Domains []Domain `json:"domains,omitempty"`
	// Classes is their number; 0 is unknown.
	Classes int `json:"classes,omitempty"`
	// Tasks are the paper's.
	Tasks []Task `json:"tasks,omitempty"`
}

// registry is the one list of benchmarks. Sums and lists are compared with real
// files where these are at hand; see Counted.
var registry = []Benchmark{
	{
		Name:      "office-home",
		Summary:   "65 things of offices and homes: art, clip art, product photographs, photographs",
		Reference: "Venkateswara et al., CVPR 2017, arXiv 1706.07522",
		Counted:   "lines of the list files that papers share",
		Domains: []Domain{
			{Name: "Art", Count: 2427},
			{Name: "Clipart", Count: 4365},
			{Name: "Product", Count: 4439},
			{Name: "Real_World", Aliases: []string{"Real World", "RealWorld"}, Count: 4357},
		},
		Classes: 65,
		Tasks:   allPairs("Art", "Clipart", "Product", "Real_World"),
	},
	{
		Name:      "office-31",
		Summary:   "31 things of offices: of a shop, and by a good and a poor camera",
		Reference: "Saenko et al., ECCV 2010",
		Counted:   "lines of the list files that papers share",
		Domains: []Domain{
			{Name: "amazon", Count: 2817},
			{Name: "dslr", Count: 498},
			{Name: "webcam", Count: 795},
		},
		Classes: 31,
		Tasks:   allPairs("amazon", "dslr", "webcam"),
	},
	{
		Name:      "image-clef",
		Summary:   "ImageCLEF-DA: 12 classes that Caltech-256, ImageNet and Pascal share (and Bing)",
		Reference: "ImageCLEF 2014, domain adaptation challenge",
		Counted:   "lines of the list files that papers share",
		Domains: []Domain{
			{Name: "c", Aliases: []string{"caltech"}, Count: 600},
			{Name: "i", Aliases: []string{"imagenet"}, Count: 600},
			// Nine of Pascal's photographs show two of the classes, and are there as both.
			{Name: "p", Aliases: []string{"pascal"}, Count: 600, Repeated: 9},
			{Name: "b", Aliases: []string{"bing"}, Count: 600},
		},
		Classes: 12,
		Tasks:   allPairs("c", "i", "p"), // papers leave Bing out
	},
	{
		Name:      "visda",
		Summary:   "VisDA-2017: 12 classes, drawn from 3D models, and of photographs",
		Reference: "Peng et al., arXiv 1710.06924",
		Counted:   "the publication",
		Domains: []Domain{
			{Name: "train", Aliases: []string{"synthetic"}, Count: 152397},
			{Name: "validation", Aliases: []string{"real"}, Count: 55388},
		},
		Classes: 12,
		Tasks:   []Task{{"train", "validation"}},
	},
	{
		Name:      "office-caltech10",
		Summary:   "the 10 classes that Office-31 and Caltech-256 share",
		Reference: "Gong et al., CVPR 2012",
		Counted:   "files of a copy; the publication has the same",
		Domains: []Domain{
			{Name: "amazon", Count: 958},
			{Name: "caltech10", Aliases: []string{"caltech"}, Count: 1123},
			{Name: "dslr", Count: 157},
			{Name: "webcam", Count: 295},
		},
		Classes: 10,
		Tasks:   allPairs("amazon", "caltech10", "dslr", "webcam"),
	},
	{
		Name:      "pacs",
		Summary:   "7 classes: photographs, paintings, cartoons, sketches",
		Reference: "Li et al., ICCV 2017, arXiv 1710.03077",
		Counted:   "publications that use it; in all 9991",
		Domains: []Domain{
			{Name: "photo", Count: 1670},
			{Name: "art_painting", Aliases: []string{"art"}, Count: 2048},
			{Name: "cartoon", Count: 2344},
			{Name: "sketch", Count: 3929},
		},
		Classes: 7,
		Tasks:   allPairs("photo", "art_painting", "cartoon", "sketch"),
	},
	{
		Name:    "custom",
		Summary: "your own photographs: any folders of class folders, or list files",
	},
}

// allPairs are the tasks from each domain to each other.
func allPairs(domains ...string) []Task {
	var out []Task
	for _, s := range domains {
		for _, t := range domains {
			if s != t {
				out = append(out, Task{s, t})
			}
		}
	}
	return out
}

// All lists the benchmarks.
func All() []Benchmark {
	out := make([]Benchmark, len(registry))
	for i, b := range registry {
		out[i] = b.clone()
	}
	return out
}

// Lookup finds a benchmark by name, in any case; the error lists the names there
// are.
func Lookup(name string) (Benchmark, error) {
	names := make([]string, len(registry))
	for i, b := range registry {
		if folded(b.Name) == folded(name) {
			return b.clone(), nil
		}
		names[i] = b.Name
	}
	return Benchmark{}, fmt.Errorf("unknown benchmark %q: want one of %s", name, strings.Join(names, ", "))
}

// clone is a copy that shares no memory with the registry.
func (b Benchmark) clone() Benchmark {
	b.Domains, b.Tasks = slices.Clone(b.Domains), slices.Clone(b.Tasks)
	for i := range b.Domains {
		b.Domains[i].Aliases = slices.Clone(b.Domains[i].Aliases)
	}
	return b
}

// Domain finds a domain by its name or an alias, whatever the case and the
// separators; the error lists the names there are. A benchmark without domains
// of its own takes any name of a folder or list below the root, as it is.
func (b Benchmark) Domain(name string) (Domain, error) {
	if len(b.Domains) == 0 {
		if name == "" || !filepath.IsLocal(name) {
			return Domain{}, fmt.Errorf("domain %q of benchmark %s: want the name of a folder of class folders, or of a list file, below the root", name, b.Name)
		}
		return Domain{Name: filepath.ToSlash(filepath.Clean(name))}, nil
	}
	names := make([]string, len(b.Domains))
	for i, d := range b.Domains {
		if slices.ContainsFunc(d.names(), func(n string) bool { return folded(n) == folded(name) }) {
			return d, nil
		}
		names[i] = d.Name
	}
	return Domain{}, fmt.Errorf("unknown domain %q of benchmark %s: want one of %s", name, b.Name, strings.Join(names, ", "))
}

// inTasks reports whether a paper's task is about the domain.
func (b Benchmark) inTasks(domain string) bool {
	return slices.ContainsFunc(b.Tasks, func(t Task) bool { return t.Source == domain || t.Target == domain })
}

// separators are what names are written with or without.
var separators = strings.NewReplacer(" ", "", "_", "", "-", "")

// folded is a name without case and separators, for comparison.
func folded(name string) string { return strings.ToLower(separators.Replace(name)) }
