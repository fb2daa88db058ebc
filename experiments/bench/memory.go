package bench

import (
	"reflect"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
)

// temporaryBytes returns the memory that XLA plans for intermediate values, in
// addition to inputs and outputs; 0 if the backend does not report it.
func temporaryBytes(e compute.Executable) int64 { return plannedBytes(e, "Temporary") }

// plannedBytes returns a figure that go-xla gets from the plugin and keeps in a field
// without an accessor: "Temporary", or "Aliases" for the outputs that reuse the memory
// of inputs. It returns 0 if the backend does not report the figure.
func plannedBytes(e compute.Executable, figure string) int64 {
	if _, ok := e.(*xla.Executable); !ok {
		return 0
	}
	v := reflect.ValueOf(e)
	for _, name := range []string{"exec", "OnDeviceMemoryUsageStats", figure} {
		v = reflect.Indirect(v)
		if v.Kind() != reflect.Struct {
			return 0
		}
		v = v.FieldByName(name)
	}
	if v.Kind() != reflect.Int64 {
		return 0
	}
	return v.Int()
}
