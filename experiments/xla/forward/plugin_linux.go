//go:build cgo

package cache

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

	"github.com/reciprocalnorm/rn/experiments/xla/hostmemory"
	"github.com/reciprocalnorm/rn/experiments/xla/inplace"
)

// plugin is a PJRT plugin that is forwarded to.
type plugin struct {
	api, table *C.PJRT_Api // its own table, and the one that go-xla is given
	flags      string      // when it was opened
	file       string      // sha256 of its file, once it has had a cache
	cache      atomic.Pointer[Cache]
}

// registered are the plugins of this process. The lock is for Register; compilations only read slots.
var registered struct {
	sync.Mutex
	slots [C.xlacache_slots]atomic.Pointer[plugin]
	names map[string]*plugin
}

// Register opens the PJRT plugin at path, an absolute path, and registers it with go-xla under a name, which may be
// that path. What is then compiled by pjrt.GetPlugin(name) goes through cache, updates variables in place (package
// inplace), and the memory that compiling took goes back to the system (package hostmemory). A later call gives the
// plugin another cache; a nil cache is none. It must not run at the same time as other calls that open plugins of go-xla.
//
// An error that wraps [ErrUnsupported] leaves everything as it was.
func Register(name, path string, cache *Cache) error {
	registered.Lock()
	defer registered.Unlock()
	p, err := openPlugin(path)
	if err != nil {
		return err
	}
	if cache != nil {
		if _, err := processor(); err != nil {
			return fmt.Errorf("%w: %w", ErrUnsupported, err)
		}
		if p.file == "" {
			if p.file, err = cache.digest(path); err != nil {
				return fmt.Errorf("%w: %w", ErrUnsupported, err)
			}
		}
	}
	if registered.names[name] != p {
		if err := pjrt.RegisterPreloadedPlugin(name, uintptr(unsafe.Pointer(p.table))); err != nil {
			return fmt.Errorf("registering %s: %w", path, err)
		}
		if registered.names == nil {
			registered.names = map[string]*plugin{}
		}
		registered.names[name] = p
	}
	p.cache.Store(cache)
	return nil
}

// openPlugin returns the plugin at path, which stays open to the end of the process.
func openPlugin(path string) (*plugin, error) {
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
	api := C.xlacache_api(function)
	if api == nil || api.pjrt_api_version.major_version != C.PJRT_API_MAJOR || C.xlacache_usable(api) == 0 {
		return nil, fmt.Errorf("%w: %s has not the functions of PJRT %d that it takes", ErrUnsupported, path, C.PJRT_API_MAJOR)
	}
	for i := range registered.slots {
		slot := &registered.slots[i]
		p := slot.Load()
		if p == nil {
			table := C.xlacache_forward(api, C.int(i))
			if table == nil {
				return nil, fmt.Errorf("%w: no memory", ErrUnsupported)
			}
			p = &plugin{api: api, table: table, flags: flags()}
			slot.Store(p)
		}
		if p.api == api { // The system opens a file once, whatever the names that it has.
			return p, nil
		}
	}
	return nil, fmt.Errorf("%w: there are %d other plugins already", ErrUnsupported, len(registered.slots))
}

// trimAfter is the least time of a compilation, or of a loading, after which the memory that it freed goes back to the
// system. That takes 20 to 90 ms after a training step's, and 5 to 10 ms where there is nothing to give back: too long
// for the small programs, which leave little.
const trimAfter = 100 * time.Millisecond

// xlacacheCompile is PJRT_Client_Compile of the tables that go-xla is given.
//
//export xlacacheCompile
func xlacacheCompile(slot C.int, args *C.PJRT_Client_Compile_Args) *C.PJRT_Error {
	defer func(start time.Time) {
		if time.Since(start) >= trimAfter {
			hostmemory.Trim()
		}
	}(time.Now())
	defer alias(args.program)()
	p := registered.slots[slot].Load()
	c := p.cache.Load()
	if c == nil || dumps(p.flags) || dumps(flags()) {
		return C.xlacache_compile(p.api, args)
	}
	machine, err := p.machine(args.client)
	if err != nil {
		c.failed.Add(1)
		c.warn(err)
		return C.xlacache_compile(p.api, args)
	}
	k := program{
		format:  string(bytesAt(args.program.format, args.program.format_size)),
		code:    bytesAt(args.program.code, args.program.code_size),
		options: bytesAt(args.compile_options, args.compile_options_size),
	}.key(machine)
	start := time.Now()
	if executable, found := c.read(k); found {
		args.executable, err = p.load(args.client, executable)
		if err == nil {
			c.hits.Add(1)
			c.loading.Add(int64(time.Since(start)))
			return nil
		}
		c.discard(k, err)
	}
	start = time.Now()
	if failed := C.xlacache_compile(p.api, args); failed != nil {
		return failed
	}
	took := time.Since(start)
	c.misses.Add(1)
	c.compiling.Add(int64(took))
	if took >= c.MinCompile {
		p.store(c, k, args.executable)
	}
	return nil
}

// alias has a program update variables in place, until the function that it returns is called.
func alias(p *C.PJRT_Program) (restore func()) {
	if string(bytesAt(p.format, p.format_size)) != mlir {
		return func() {}
	}
	code, size := p.code, p.code_size
	aliased := inplace.Alias(bytesAt(code, size))
	p.code, p.code_size = (*C.char)(C.CBytes(aliased)), C.size_t(len(aliased))
	return func() {
		C.free(unsafe.Pointer(p.code))
		p.code, p.code_size = code, size
	}
}

// machine returns everything that a key holds beside the program.
func (p *plugin) machine(client *C.PJRT_Client) (string, error) {
	cpu, err := processor()
	if err != nil {
		return "", err
	}
	var version *C.char
	var size C.size_t
	if err := p.error(C.xlacache_version(p.api, client, &version, &size)); err != nil {
		return "", err
	}
	var devices **C.PJRT_Device
	var number C.size_t
	if err := p.error(C.xlacache_devices(p.api, client, &devices, &number)); err != nil {
		return "", err
	}
	described := fmt.Sprintf("%q %d.%d %q %q %q %q %q", p.file, p.api.pjrt_api_version.major_version, p.api.pjrt_api_version.minor_version,
		p.flags, flags(), cpu, threads(), bytesAt(version, size))
	for _, device := range unsafe.Slice(devices, number) {
		var kind *C.char
		if err := p.error(C.xlacache_kind(p.api, device, &kind, &size)); err != nil {
			return "", err
		}
		described += fmt.Sprintf(" %q", bytesAt(kind, size))
	}
	return described, nil
}

// load loads an executable.
func (p *plugin) load(client *C.PJRT_Client, executable []byte) (*C.PJRT_LoadedExecutable, error) {
	var loaded *C.PJRT_LoadedExecutable
	err := p.error(C.xlacache_load(p.api, client, unsafe.Pointer(unsafe.SliceData(executable)), C.size_t(len(executable)), &loaded))
	if err == nil && loaded == nil {
		err = errors.New("it was loaded as nothing")
	}
	return loaded, err
}

// store keeps an executable.
func (p *plugin) store(c *Cache, k key, executable *C.PJRT_LoadedExecutable) {
	if c.full.Load() {
		return
	}
	var serialized C.PJRT_Executable_Serialize_Args
	if err := p.error(C.xlacache_serialize(p.api, executable, &serialized)); err != nil {
		c.failed.Add(1)
		c.warn(fmt.Errorf("an executable is not kept: %w", err))
		return
	}
	defer C.xlacache_free(p.api, &serialized)
	if c.write(k, bytesAt(serialized.serialized_bytes, serialized.serialized_bytes_size)) {
		c.stored.Add(1)
	}
}

// error turns an error of the plugin into one of Go.
func (p *plugin) error(failed *C.PJRT_Error) error {
	if failed == nil {
		return nil
	}
	defer C.xlacache_destroy(p.api, failed)
	var size C.size_t
	message := C.xlacache_message(p.api, failed, &size)
	return errors.New(string(bytesAt(message, size)))
}

// bytesAt is memory of C as a slice, without a copy.
func bytesAt(start *C.char, size C.size_t) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(start)), size)
}
