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
	Plugin        string `json:"plugin,omitempty"`         // XLA's plugin: "cpu", "cuda"
	PluginVersion string `json:"plugin_version,omitempty"` // version of PJRT that the plugin implements, such as "0.115"
	PluginPath    string `json:"plugin_path,omitempty"`
	Device        string `json:"device"`  // the backend's description of its first device
	Devices       int    `json:"devices"` // number of devices
}

// Describe describes a backend. For a finalized backend it only sets Backend.
func Describe(b compute.Backend) Info {
	info := Info{Backend: b.String()} // The name that New accepts; some backends return a title from Name.
	if b.IsFinalized() {
		return info
	}
	if info.Devices = b.NumDevices(); info.Devices > 0 {
		info.Device = b.DeviceDescription(0)
	}
	if x, ok := b.(*xla.Backend); ok {
		opening.Lock()
		defer opening.Unlock()
		if plugin, err := pjrt.GetPlugin(x.PluginName()); err == nil { // It is loaded already.
			major, minor := plugin.Version()
			info.PluginVersion = fmt.Sprintf("%d.%d", major, minor)
			info.PluginPath = realPath(x.PluginName()) // New opened it by its path; go-xla does not know the path of a plugin with hooks.
			info.Plugin = pluginName(info.PluginPath)
			if info.Plugin == "" { // The user named the file.
				info.Plugin = kind(info.PluginPath)
			}
		}
	}
	return info
}
