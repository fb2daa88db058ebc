package photobench

// Photos are the files and labels of a domain's photographs.
type Photos struct {
	// Name is the domain's name.
	Name string
	// Root is the folder that contains the files.
	Root string
	// Paths are the files, including Root.
	Paths []string
	// Labels are the photographs' classes, from 0.
	Labels []int32
	// Classes are the names of the classes, by label.
	Classes []string
	// LeftOut counts the files of class folders that are not photographs. It is empty
	// for lists.
	LeftOut LeftOut

	named bool // Classes are folders' names, not "class 0"
}

// Len returns the number of photographs.
func (p *Photos) Len() int { return len(p.Paths) }

// counts returns the number of photographs of each class.
func (p *Photos) counts() []int {
	out := make([]int, len(p.Classes))
	for _, label := range p.Labels {
		out[label]++
	}
	return out
}
