package bench

import (
	"reflect"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
)

// temporaryBytes is the memory that XLA plans for what a program computes on the
// way, beside its inputs and outputs; 0 where the backend does not say.
func temporaryBytes(e compute.Executable) int64 { return plannedBytes(e, "Temporary") }

// plannedBytes is one of the figures that go-xla asks the plugin for, and keeps in
// fields without an accessor: "Temporary", or "Aliases", the outputs that take the
// memory of inputs. It is 0 where the backend does not say.
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
