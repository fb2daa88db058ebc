//go:build cgo

package forward

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stdlib.h>
// #include "forward.h"
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/gomlx/go-xla/pjrt"
)

// ErrUnsupported is wrapped by errors about plugins that cannot be forwarded to. Nothing has changed then: go-xla opens
// the plugin by itself.
var ErrUnsupported = errors.New("cannot put hooks around the XLA plugin")

// Plugin is an open PJRT plugin. It stays open until the process ends.
type Plugin struct {
	api, table *C.PJRT_Api // the plugin's own table, and the copy that go-xla gets
	hooks      atomic.Pointer[Hooks]
}

// opened holds the plugins of this process. The lock is for Open and Register; compilations only read slots.
var opened struct {
	sync.Mutex
	slots [C.rn_forward_slots]atomic.Pointer[Plugin]
	names map[string]*Plugin // as go-xla knows them
}

// Open opens the PJRT plugin at path, an absolute path. It returns the same Plugin for every path of one file.
func Open(path string) (*Plugin, error) {
	opened.Lock()
	defer opened.Unlock()
	cPath, symbol := C.CString(path), C.CString(pjrt.GetPJRTApiFunctionName)
	defer C.free(unsafe.Pointer(cPath))
	defer C.free(unsafe.Pointer(symbol))
	library := C.dlopen(cPath, C.RTLD_LAZY|C.RTLD_LOCAL)
	if library == nil {
		return nil, fmt.Errorf("%w: %s", ErrUnsupported, C.GoString(C.dlerror()))
	}
	function := C.dlsym(library, symbol)
	if function == nil {
		return nil, fmt.Errorf("%w: %s", ErrUnsupported, C.GoString(C.dlerror()))
	}
	api := C.rn_forward_api(function)
	if api == nil || api.pjrt_api_version.major_version != C.PJRT_API_MAJOR || C.rn_forward_usable(api) == 0 {
		return nil, fmt.Errorf("%w: %s lacks functions of PJRT %d that the hooks need", ErrUnsupported, path, C.PJRT_API_MAJOR)
	}
	for i := range opened.slots {
		slot := &opened.slots[i]
		p := slot.Load()
		if p == nil {
			table := C.rn_forward_table(api, C.int(i))
			if table == nil {
				return nil, fmt.Errorf("%w: out of memory", ErrUnsupported)
			}
			p = &Plugin{api: api, table: table}
			p.hooks.Store(&Hooks{})
			slot.Store(p)
		}
		if p.api == api { // The dynamic linker opens a file once, whatever its names.
			return p, nil
		}
	}
	return nil, fmt.Errorf("%w: %d other plugins are open already", ErrUnsupported, len(opened.slots))
}

// Register registers the plugin with go-xla under a name, which may be its path, and sets its hooks, under all of its
// names. It must not run while another goroutine opens a plugin through go-xla, whose table of plugins has no lock.
func (p *Plugin) Register(name string, hooks Hooks) error {
	opened.Lock()
	defer opened.Unlock()
	if opened.names[name] != p {
		if err := pjrt.RegisterPreloadedPlugin(name, uintptr(unsafe.Pointer(p.table))); err != nil {
			return fmt.Errorf("registering %s: %w", name, err)
		}
		if opened.names == nil {
			opened.names = map[string]*Plugin{}
		}
		opened.names[name] = p
	}
	p.hooks.Store(&hooks)
	return nil
}

// Version returns the version of PJRT that the plugin implements, such as 0.115.
func (p *Plugin) Version() string {
	return fmt.Sprintf("%d.%d", p.api.pjrt_api_version.major_version, p.api.pjrt_api_version.minor_version)
}

// rnForwardCompile is PJRT_Client_Compile of the tables that go-xla gets.
//
//export rnForwardCompile
func rnForwardCompile(slot C.int, args *C.PJRT_Client_Compile_Args) *C.PJRT_Error {
	p := opened.slots[slot].Load()
	hooks := p.hooks.Load()
	start := time.Now()
	failed := p.compile(args, hooks)
	if hooks.AfterCompile != nil {
		hooks.AfterCompile(time.Since(start))
	}
	return failed
}

// compile runs the first two hooks, and the plugin's compiler unless they did.
func (p *Plugin) compile(args *C.PJRT_Client_Compile_Args, hooks *Hooks) *C.PJRT_Error {
	if hooks.Rewrite != nil {
		defer rewrite(args.program, hooks.Rewrite)()
	}
	c := &Compilation{plugin: p, args: args}
	if hooks.Compile != nil {
		hooks.Compile(c)
	}
	_ = c.Compile() // go-xla makes an error of its own out of c.failed
	return c.failed
}

// rewrite puts another program in the place of one in StableHLO, until the function that it returns is called.
func rewrite(program *C.PJRT_Program, by func([]byte) []byte) (restore func()) {
	if string(bytesAt(program.format, program.format_size)) != stableHLO {
		return func() {}
	}
	code, size := program.code, program.code_size
	rewritten := by(bytesAt(code, size))
	program.code, program.code_size = (*C.char)(C.CBytes(rewritten)), C.size_t(len(rewritten))
	return func() {
		C.free(unsafe.Pointer(program.code))
		program.code, program.code_size = code, size
	}
}

// error copies the text of the plugin's error, which its owner still has to destroy or pass on.
func (p *Plugin) error(failed *C.PJRT_Error) error {
	if failed == nil {
		return nil
	}
	var size C.size_t
	message := C.rn_forward_message(p.api, failed, &size)
	return errors.New(string(bytesAt(message, size)))
}

// take is error for an error that nobody else needs: it destroys it.
func (p *Plugin) take(failed *C.PJRT_Error) error {
	if failed == nil {
		return nil
	}
	defer C.rn_forward_destroy(p.api, failed)
	return p.error(failed)
}

// bytesAt returns C's memory as a slice, without a copy.
func bytesAt(start *C.char, size C.size_t) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(start)), size)
}
