//go:build cgo

package forward

// #include "forward.h"
import "C"

import (
	"errors"
	"unsafe"
)

// stableHLO is PJRT's name for programs in StableHLO.
const stableHLO = "mlir"

// Compilation is one program that go-xla has asked a plugin to compile. It is valid, with everything that its methods
// return, until the hook that got it returns.
type Compilation struct {
	plugin *Plugin
	args   *C.PJRT_Client_Compile_Args
	ended  bool
	failed *C.PJRT_Error // the compiler's; for go-xla
}

// Program returns the program, as Rewrite returned it, the name of its format (see PJRT_Program in pjrt_c_api.h) and the
// compiler's options, a serialized CompileOptionsProto.
func (c *Compilation) Program() (format string, code, options []byte) {
	p := c.args.program
	return string(bytesAt(p.format, p.format_size)), bytesAt(p.code, p.code_size), bytesAt(c.args.compile_options, c.args.compile_options_size)
}

// Platform returns the plugin's version of its platform, and the kinds of the client's devices.
func (c *Compilation) Platform() (version string, devices []string, err error) {
	p := c.plugin
	var text *C.char
	var size C.size_t
	if err := p.take(C.rn_forward_version(p.api, c.args.client, &text, &size)); err != nil {
		return "", nil, err
	}
	version = string(bytesAt(text, size))
	var first **C.PJRT_Device
	var number C.size_t
	if err := p.take(C.rn_forward_devices(p.api, c.args.client, &first, &number)); err != nil {
		return "", nil, err
	}
	for _, device := range unsafe.Slice(first, number) {
		if err := p.take(C.rn_forward_kind(p.api, device, &text, &size)); err != nil {
			return "", nil, err
		}
		devices = append(devices, string(bytesAt(text, size)))
	}
	return version, devices, nil
}

// Compile has the plugin compile the program, unless the compilation has ended already. go-xla gets the same error.
func (c *Compilation) Compile() error {
	if !c.ended {
		c.ended = true
		c.failed = C.rn_forward_compile(c.plugin.api, c.args)
	}
	return c.plugin.error(c.failed)
}

// Load ends the compilation with an executable that [Compilation.Serialize] returned for the same program, compiler and
// processor. After an error the program can still be compiled.
func (c *Compilation) Load(executable []byte) error {
	if c.ended {
		return errors.New("the compilation has ended")
	}
	var loaded *C.PJRT_LoadedExecutable
	p := c.plugin
	err := p.take(C.rn_forward_load(p.api, c.args.client, unsafe.Pointer(unsafe.SliceData(executable)), C.size_t(len(executable)), &loaded))
	if err == nil && loaded == nil {
		err = errors.New("the plugin loaded nothing")
	}
	if err != nil {
		return err
	}
	c.args.executable, c.ended = loaded, true
	return nil
}

// Serialize returns the executable that Compile made. The caller calls free once it is done with the bytes.
func (c *Compilation) Serialize() (executable []byte, free func(), err error) {
	if !c.ended || c.failed != nil {
		return nil, nil, errors.New("nothing was compiled")
	}
	p := c.plugin
	serialized := new(C.PJRT_Executable_Serialize_Args)
	if err := p.take(C.rn_forward_serialize(p.api, c.args.executable, serialized)); err != nil {
		return nil, nil, err
	}
	free = func() { C.rn_forward_free(p.api, serialized) }
	return bytesAt(serialized.serialized_bytes, serialized.serialized_bytes_size), free, nil
}
