package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// process runs a case in a process of its own.
type process struct {
	command *exec.Cmd
	in      io.WriteCloser
	replies *json.Decoder
	stderr  bytes.Buffer
	ended   bool
}

// Process starts a command that calls [Serve] on its standard input and output. It
// switches the cache of executables off, so that compiling is measured.
func Process(command *exec.Cmd) (Runner, error) {
	p := &process{command: command}
	if command.Env == nil {
		command.Env = os.Environ()
	}
	command.Env = append(command.Env, platform.XLACacheEnv+"="+platform.XLACacheOff)
	command.Stderr = &p.stderr
	var err error
	if p.in, err = command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.replies = json.NewDecoder(out)
	return p, command.Start()
}

// Compile implements Runner.
func (p *process) Compile() (Compiled, error) {
	r, err := p.next()
	if err != nil {
		return Compiled{}, err
	}
	if r.Compiled == nil {
		return Compiled{}, errors.New("the measuring process did not report what it compiled")
	}
	return *r.Compiled, nil
}

// Step implements Runner.
func (p *process) Step() (Took, error) {
	if _, err := io.WriteString(p.in, "step\n"); err != nil {
		return Took{}, p.failed(err)
	}
	r, err := p.next()
	if err == nil && r.Step <= 0 {
		err = errors.New("the measuring process did not report how long a step took")
	}
	return r.Took, err
}

// Close implements Runner.
func (p *process) Close() (peak int64, err error) {
	if p.ended {
		return 0, nil
	}
	if err := p.in.Close(); err != nil {
		return 0, p.failed(err)
	}
	for peak == 0 { // skips replies that were not read
		r, err := p.next()
		if err != nil {
			return 0, err
		}
		peak = r.Peak
	}
	p.ended = true
	return peak, p.command.Wait()
}

// next reads the process's next reply.
func (p *process) next() (reply, error) {
	var r reply
	if err := p.replies.Decode(&r); err != nil {
		return r, p.failed(err)
	}
	return r, nil
}

// failed ends the process and returns why it failed: its last line on stderr,
// else its exit status, else the given error.
func (p *process) failed(err error) error {
	p.ended = true
	p.in.Close() // fails if it is closed already
	ended := p.command.Wait()
	if said := strings.TrimSpace(p.stderr.String()); said != "" {
		return errors.New(strings.TrimPrefix(said[strings.LastIndex(said, "\n")+1:], "rn: "))
	}
	if ended != nil {
		return ended
	}
	return fmt.Errorf("the measuring process: %w", err)
}
