package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/gomlx/compute"

	"github.com/reciprocalnorm/rn/experiments/platform"
)

// reply is a line that a serving process writes: what it is ready with, the
// nanoseconds of a step, or at the end its peak memory.
type reply struct {
	Compiled *Compiled     `json:"compiled,omitempty"`
	Step     time.Duration `json:"step,omitempty"`
	Peak     int64         `json:"peak,omitempty"`
}

// Serve compiles a case, says so on out, and does a step for every line of in
// until its end: the other side of [Process].
func Serve(backend compute.Backend, c Case, in io.Reader, out io.Writer) error {
	s, err := newStep(backend, c)
	if err != nil {
		return err
	}
	defer s.exec.Finalize()
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
	for requests.Scan() {
		began := time.Now()
		if err := s.run(); err != nil {
			return err
		}
		if err := replies.Encode(reply{Step: time.Since(began)}); err != nil {
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

// threads is the number of processors that XLA's CPU client uses: $NPROC, or
// those that this process may run on.
func threads() int {
	if n, err := strconv.Atoi(os.Getenv("NPROC")); err == nil && n > 0 {
		return n
	}
	return runtime.NumCPU()
}
