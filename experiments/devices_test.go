package experiments

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/environment"
)

// TestDevicesResume: a run on two devices that is interrupted goes on from its
// checkpoint to the same state, also as one of a norm whose statistics are
// estimated for an evaluation; its result says so.
func TestDevicesResume(t *testing.T) {
	backend := newBackend(t)
	for _, norm := range []string{"rn", "adabn"} {
		c := toyConfig(t, norm, "cdan-e")
		want, err := runToy(context.Background(), backend, c, toyData(), environment.Environment{Compute: environment.Compute{Devices: 2}, Output: environment.Output{Out: t.TempDir()}})
		if err != nil {
			t.Fatal(err)
		}
		if want.Devices != 2 {
			t.Errorf("the result says %d devices", want.Devices)
		}
		ctx, cancel := context.WithCancel(context.Background())
		env := environment.Environment{Compute: environment.Compute{Devices: 2}, Output: environment.Output{Out: t.TempDir()}, Reporter: environment.Reporter{Progress: func(p environment.Progress) {
			if p.Step == 4 {
				cancel()
			}
		}}}
		if _, err := runToy(ctx, backend, c, toyData(), env); !errors.Is(err, ErrInterrupted) {
			t.Fatalf("interrupted run: %v", err)
		}
		env.Resume = environment.ContinueSame
		got, err := runToy(context.Background(), backend, c, toyData(), env)
		if err != nil {
			t.Fatal(err)
		}
		if got.StateSHA256 != want.StateSHA256 || !reflect.DeepEqual(got.Points, want.Points) {
			t.Errorf("%s: resumed to %s, %+v, want %s, %+v", norm, got.StateSHA256, got.Points, want.StateSHA256, want.Points)
		}
		one, err := runToy(context.Background(), backend, c, toyData(), environment.Environment{Output: environment.Output{Out: t.TempDir()}})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range one.Points {
			if loss := want.Points[i].TaskLoss; math.Abs(loss-p.TaskLoss) > 1e-4 || want.Points[i].Target.Accuracy != p.Target.Accuracy {
				t.Errorf("%s: point %+v, on one device %+v", norm, want.Points[i], p)
			}
		}
	}
}

// TestDevicesMisuse: what cannot be shared is an error that says what there is.
func TestDevicesMisuse(t *testing.T) {
	newBackend(t)
	for _, test := range []struct {
		devices, batch int
		want           string
	}{{3, 8, "batch size 8"}, {-1, 8, "want at least 1"}, {64, 64, "has 4"}} {
		c := toyConfig(t, "rn", "cdan-e")
		c.BatchSize = test.batch
		_, err := Run(context.Background(), c, environment.Environment{Compute: environment.Compute{Backend: "xla:cpu", Devices: test.devices}, Output: environment.Output{Out: t.TempDir()}})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%d devices, batch of %d: error is %v", test.devices, test.batch, err)
		}
	}
}
