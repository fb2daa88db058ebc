package platform_test

import (
	"fmt"

	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

func ExampleNew() {
	backend, err := platform.New("go") // "" in programs: $GOMLX_BACKEND, else XLA.
	if err != nil {
		fmt.Println(err)
		return
	}
	defer backend.Finalize()
	fmt.Println(platform.Describe(backend).Backend)

	_, err = platform.New("tensorflow")
	fmt.Println(err)
	// Output:
	// go
	// unknown backend "tensorflow": want go, xla:cpu, xla:cuda or xla:/path/to/plugin.so
}
