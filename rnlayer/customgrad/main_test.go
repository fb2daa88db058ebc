package customgrad_test

import (
	"os"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/gomlx/backends/default"
)

// backend of the tests: the pure Go one unless $GOMLX_BACKEND names another.
var backend compute.Backend

func TestMain(m *testing.M) {
	compute.DefaultConfig = "go"
	backend = compute.MustNew()
	os.Exit(m.Run())
}
