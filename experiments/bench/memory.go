package bench

import (
	"reflect"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
)

// temporaryBytes is the memory that XLA plans for what a program computes on the
// way, beside its inputs and outputs; 0 where the backend does not say. go-xla
// asks the plugin for it and keeps it in fields without an accessor.
func temporaryBytes(e compute.Executable) int64 {
	if _, ok := e.(*xla.Executable); !ok {
		return 0
	}
	v := reflect.ValueOf(e)
	for _, name := range []string{"exec", "OnDeviceMemoryUsageStats", "Temporary"} {
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
