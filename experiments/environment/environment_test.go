package environment

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// TestCheckDevices: a batch must split evenly among the devices.
func TestCheckDevices(t *testing.T) {
	for _, test := range []struct {
		devices, batch, count int
		want                  string // empty for no error
	}{
		{0, 7, 1, ""}, {1, 7, 1, ""}, {2, 8, 2, ""}, {8, 8, 8, ""},
		{3, 8, 3, "batch size 8 (images of each domain) is not a multiple of 3 devices"}, {16, 8, 16, "batch size 8"},
		{-1, 8, 1, "-1 devices: want at least 1"},
	} {
		c := Compute{Devices: test.devices}
		if got := c.DeviceCount(); got != test.count {
			t.Errorf("%d devices count as %d, want %d", test.devices, got, test.count)
		}
		err := c.CheckDevices(config.Config{BatchSize: test.batch})
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%d devices, batch of %d: error is %v, want %q", test.devices, test.batch, err, test.want)
		}
	}
}

// TestCodeVersion: an output's own version replaces the program's.
func TestCodeVersion(t *testing.T) {
	if got := (Output{Version: "v1"}).CodeVersion(); got != "v1" {
		t.Errorf("version %q, want v1", got)
	}
	if got := (Output{}).CodeVersion(); got != record.CodeVersion() || got == "" {
		t.Errorf("version %q, want %q", got, record.CodeVersion())
	}
}

// TestReporter: reports reach the functions that are set, and a reporter without
// functions ignores them.
func TestReporter(t *testing.T) {
	var log strings.Builder
	var got []string
	full := Reporter{
		Progress:  func(p Progress) { got = append(got, "progress") },
		Preparing: func(what string, done, total int) { got = append(got, what) },
		Warn:      func(err error) { got = append(got, err.Error()) },
		Log:       &log,
	}
	for _, r := range []Reporter{full, {}} {
		r.ReportProgress(Progress{Step: 1})
		r.ReportPreparing("features", 1, 2)
		r.ReportWarning(errors.New("warning"))
		if _, err := io.WriteString(r.LogWriter(), "downloaded"); err != nil {
			t.Error(err)
		}
	}
	if text := strings.Join(got, " "); text != "progress features warning" || log.String() != "downloaded" {
		t.Errorf("reports %q, log %q", text, log.String())
	}
}

// TestDistinct: a warning is passed on once, whichever goroutine meets it.
func TestDistinct(t *testing.T) {
	var said []string
	r := Reporter{Warn: func(err error) { said = append(said, err.Error()) }}.Distinct()
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() { r.ReportWarning(fmt.Errorf("photograph %d", i%2)) })
	}
	wait.Wait()
	slices.Sort(said)
	if !slices.Equal(said, []string{"photograph 0", "photograph 1"}) {
		t.Errorf("warnings %q", said)
	}
	Reporter{}.Distinct().ReportWarning(fmt.Errorf("nobody listens"))
}
