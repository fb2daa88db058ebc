package photobench

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/registry"
)

// Domain is a set of photographs with a common look.
type Domain struct {
	// Name is what commands and result files call the domain.
	Name string `json:"name"`
	// Aliases are other names, of files and on command lines.
	Aliases []string `json:"aliases,omitempty"`
	// Count is the number of photographs in papers; 0 if unknown.
	Count int `json:"photographs,omitempty"`
	// Repeated is the number of lines in the papers' list that repeat a photograph
	// with another label. More are an error.
	Repeated int `json:"repeated,omitempty"`
}

// names returns the name and the aliases, without those that differ only in case
// and separators.
func (d Domain) names() []string {
	var out []string
	for _, name := range append([]string{d.Name}, d.Aliases...) {
		if !slices.ContainsFunc(out, func(n string) bool { return folded(n) == folded(name) }) {
			out = append(out, name)
		}
	}
	return out
}

// Task is a pair of domains: training uses the source's labels, accuracy is measured
// on the target.
type Task struct {
	Source string `json:"source"`
	Target string `json:"target"`
}

// Benchmark is a set of domains with the same classes.
type Benchmark struct {
	// Name is what the command and configurations call the benchmark.
	Name string `json:"name"`
	// Summary describes it in one line.
	Summary string `json:"summary"`
	// Reference is the publication that introduced it.
	Reference string `json:"reference,omitempty"`
	// Counted says where the domains' counts come from.
	Counted string `json:"counted,omitempty"`
	// Domains are its parts; none means the user's own.
	Domains []Domain `json:"domains,omitempty"`
	// Classes is the number of classes; 0 if unknown.
	Classes int `json:"classes,omitempty"`
	// Tasks are the papers' pairs of domains.
	Tasks []Task `json:"tasks,omitempty"`
}

// benchmarks is the registry. Counted says which files or publications the counts
// come from.
var benchmarks = []Benchmark{
	{
		Name:      "office-home",
		Summary:   "65 everyday objects of offices and homes: art, clip art, product images, photographs",
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
		Summary:   "31 office objects: from a web shop, from a good camera, from a webcam",
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
			// Nine of Pascal's photographs show two of the classes and are listed under both.
			{Name: "p", Aliases: []string{"pascal"}, Count: 600, Repeated: 9},
			{Name: "b", Aliases: []string{"bing"}, Count: 600},
		},
		Classes: 12,
		Tasks:   allPairs("c", "i", "p"), // papers leave Bing out
	},
	{
		Name:      "visda",
		Summary:   "VisDA-2017: 12 classes, rendered from 3D models and photographed",
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
		Counted:   "files of a copy, which agree with the publication",
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
		Counted:   "publications that use it; 9991 in all",
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
		Summary: "your own photographs: folders of class folders, or list files",
	},
}

// allPairs returns the tasks from each domain to each other.
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

// All returns the benchmarks.
func All() []Benchmark {
	out := make([]Benchmark, len(benchmarks))
	for i, b := range benchmarks {
		out[i] = b.clone()
	}
	return out
}

// Lookup finds a benchmark by name, whatever the case and separators; the error
// lists the known names.
func Lookup(name string) (Benchmark, error) {
	i := slices.IndexFunc(benchmarks, func(b Benchmark) bool { return folded(b.Name) == folded(name) })
	if i < 0 {
		return Benchmark{}, registry.Unknown("benchmark", name, registry.Names(benchmarks, func(b Benchmark) string { return b.Name }))
	}
	return benchmarks[i].clone(), nil
}

// clone returns a copy that shares no memory with the registry.
func (b Benchmark) clone() Benchmark {
	b.Domains, b.Tasks = slices.Clone(b.Domains), slices.Clone(b.Tasks)
	for i := range b.Domains {
		b.Domains[i].Aliases = slices.Clone(b.Domains[i].Aliases)
	}
	return b
}

// Domain finds a domain by its name or an alias, whatever the case and separators;
// the error lists the known names. For custom, which has no domains of its own, the
// name must be exactly that of a folder or list below the root.
func (b Benchmark) Domain(name string) (Domain, error) {
	if len(b.Domains) == 0 {
		if name == "" || !filepath.IsLocal(name) {
			return Domain{}, fmt.Errorf("domain %q of benchmark %s: want the name of a folder of class folders, or of a list file, below the root", name, b.Name)
		}
		return Domain{Name: filepath.ToSlash(filepath.Clean(name))}, nil
	}
	for _, d := range b.Domains {
		if slices.ContainsFunc(d.names(), func(n string) bool { return folded(n) == folded(name) }) {
			return d, nil
		}
	}
	return Domain{}, registry.Unknown("domain of "+b.Name, name, registry.Names(b.Domains, func(d Domain) string { return d.Name }))
}

// inTasks reports whether a task of the papers needs the domain.
func (b Benchmark) inTasks(domain string) bool {
	return slices.ContainsFunc(b.Tasks, func(t Task) bool { return t.Source == domain || t.Target == domain })
}

// separators removes what names are written with or without.
var separators = strings.NewReplacer(" ", "", "_", "", "-", "")

// folded returns a name without case and separators, for comparison.
func folded(name string) string { return strings.ToLower(separators.Replace(name)) }
