package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"

	"github.com/gomlx/compute"

	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// reply is a line from a serving process: the compiled case, or the nanoseconds of
// a step and of the wait for its batch, or at the end the peak memory.
type reply struct {
	Compiled *Compiled `json:"compiled,omitempty"`
	Took
	Peak int64 `json:"peak,omitempty"`
}

// Serve is the other side of [Process]: it compiles a case, reports that on out,
// and runs a step for every line of in. For photographs the first line also runs
// the steps whose batches were read while the case was compiled.
func Serve(backend compute.Backend, c Case, in io.Reader, out io.Writer) error {
	s, err := newStep(backend, c)
	if err != nil {
		return err
	}
	defer s.close()
	replies := json.NewEncoder(out)
	info := platform.Describe(backend)
	compiled := Compiled{
		Framework: "gomlx " + platform.ModuleVersion("github.com/gomlx/gomlx"), Backend: fmt.Sprintf("%s:%s %s", info.Backend, info.Plugin, info.PluginVersion),
		Threads: threads(), Compile: s.compile, Temporary: s.temporary,
	}
	if err := replies.Encode(reply{Compiled: &compiled}); err != nil {
		return err
	}
	requests := bufio.NewScanner(in)
	for first := true; requests.Scan(); first = false {
		took, err := s.take()
		for n := 0; err == nil && first && s.feed != nil && n < ahead; n++ {
			_, err = s.take()
		}
		if err != nil {
			return err
		}
		if err := replies.Encode(reply{Took: took}); err != nil {
			return err
		}
	}
	if err := requests.Err(); err != nil {
		return err
	}
	peak, err := peakRSS()
	if err != nil {
		return err
	}
	return replies.Encode(reply{Peak: peak})
}

// threads returns the number of processors that XLA's CPU client uses: $NPROC, or
// as many as this process may run on.
func threads() int {
	if n, err := strconv.Atoi(os.Getenv("NPROC")); err == nil && n > 0 {
		return n
	}
	return runtime.NumCPU()
}
