// Package forward puts hooks around the compiler of a PJRT plugin. go-xla compiles with whatever table of functions a
// plugin registers; this package registers a copy of the plugin's table in which one function, PJRT_Client_Compile,
// runs [Hooks] first:
//
//	plugin, err := forward.Open(path)
//	err = plugin.Register(path, forward.Hooks{Rewrite: inplace.Alias})
//	backend, err := compute.NewWithConfig("xla:" + path)
//
// It knows nothing of what the hooks do. It works on Linux, in programs with cgo (which go-xla needs anyway), and was
// tried with CPU plugins of PJRT 0.81 and 0.115.
package forward
