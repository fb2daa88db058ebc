package platform

import (
	"testing"

	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
)

// TestNewInPlace: programs of the CPU plugin update variables in place, with the cache and without.
func TestNewInPlace(t *testing.T) {
	const update = `module @update {
  func.func @main(%arg0: tensor<4xf32>, %_w: tensor<4xf32>) -> tensor<4xf32> {
    %0 = "stablehlo.add"(%_w, %arg0) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    "stablehlo.return"(%0) : (tensor<4xf32>) -> ()
  }
}
`
	linkedPlugin(t)
	for _, setting := range []string{"", XLACacheOff} {
		t.Setenv(XLACacheEnv, setting)
		backend, err := New("xla:cpu")
		if err != nil {
			t.Fatal(err)
		}
		plugin, err := pjrt.GetPlugin(backend.(*xla.Backend).PluginName())
		backend.Finalize()
		if err != nil {
			t.Fatal(err)
		}
		client, err := plugin.NewClient(nil)
		if err != nil {
			t.Fatal(err)
		}
		executable, err := client.Compile().WithStableHLO([]byte(update)).Done()
		if err != nil {
			t.Fatal(err)
		}
		if got := executable.OnDeviceMemoryUsageStats.Aliases; got != 16 {
			t.Errorf("%s=%q: %d bytes are updated in place, want 16", XLACacheEnv, setting, got)
		}
		if err := executable.Destroy(); err != nil {
			t.Error(err)
		}
		if err := client.Destroy(); err != nil {
			t.Error(err)
		}
	}
}
