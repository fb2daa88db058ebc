package photobench_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments/data/photobench"
)

// What the registry knows about a benchmark.
func ExampleLookup() {
	b, err := photobench.Lookup("office-31")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range b.Domains {
		fmt.Println(d.Name, d.Count)
	}
	fmt.Println(b.Classes, "classes,", len(b.Tasks), "tasks, the first", b.Tasks[0])
	_, err = photobench.Lookup("office")
	fmt.Println(err)
	// Output:
	// amazon 2817
	// dslr 498
	// webcam 795
	// 31 classes, 6 tasks, the first {amazon dslr}
	// unknown benchmark "office": did you mean office-31? want one of office-home, office-31, image-clef, visda, office-caltech10, pacs, custom
}

// Your own photographs: source and target are folders of class folders.
func ExampleBenchmark_Pair() {
	root, err := os.MkdirTemp("", "photos")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(root)
	for _, name := range []string{"day/bike/1.jpg", "day/car/1.jpg", "day/car/2.jpg", "night/bike/1.jpg", "night/car/1.jpg"} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			fmt.Println(err)
			return
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			fmt.Println(err)
			return
		}
	}
	custom, err := photobench.Lookup("custom")
	if err != nil {
		fmt.Println(err)
		return
	}
	source, target, err := custom.Pair(photobench.Location{Root: root}, "day", "night")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(source.Name, source.Len(), source.Labels, source.Classes)
	fmt.Println(target.Name, target.Len(), target.Labels)
	// Output:
	// day 3 [0 1 1] [bike car]
	// night 2 [0 1]
}
