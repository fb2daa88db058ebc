package platform

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
)

// Info describes a backend, for results files.
type Info struct {
	Backend       string `json:"backend"`                  // "xla" or "go"
	Plugin        string `json:"plugin,omitempty"`         // of XLA: "cpu", "cuda"
	PluginVersion string `json:"plugin_version,omitempty"` // of the PJRT interface that the plugin was built for, such as "0.115"
	PluginPath    string `json:"plugin_path,omitempty"`
	Device        string `json:"device"`  // what the backend calls its first device
	Devices       int    `json:"devices"` // how many it has
}

// Describe describes b. Only Backend is set if b was finalized.
func Describe(b compute.Backend) Info {
	info := Info{Backend: b.String()} // What New takes; b.Name is a title with some.
	if b.IsFinalized() {
		return info
	}
	if info.Devices = b.NumDevices(); info.Devices > 0 {
		info.Device = b.DeviceDescription(0)
	}
	if x, ok := b.(*xla.Backend); ok {
		opening.Lock()
		defer opening.Unlock()
		if plugin, err := pjrt.GetPlugin(x.PluginName()); err == nil { // Loaded already.
			major, minor := plugin.Version()
			info.PluginVersion = fmt.Sprintf("%d.%d", major, minor)
			info.PluginPath = realPath(x.PluginName()) // What New opened it by; go-xla has no path for a plugin with a cache.
			info.Plugin = pluginName(info.PluginPath)
			if info.Plugin == "" { // Loaded by a path of the user's own naming.
				info.Plugin = kind(info.PluginPath)
			}
		}
	}
	return info
}
