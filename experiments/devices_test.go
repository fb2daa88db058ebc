package experiments

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
)

// TestDevicesResume: an interrupted run on two devices continues to the state and
// points of one that was left alone, also with a norm whose statistics are
// estimated for each evaluation. The result names the number of devices.
func TestDevicesResume(t *testing.T) {
	backend := toydata.Backend(t)
	onTwo := func() environment.Environment {
		env := outputTo(t.TempDir())
		env.Devices = 2
		return env
	}
	for _, norm := range []string{"rn", "adabn"} {
		c := toydata.DigitsConfig(t, norm, "cdan-e")
		want, err := runToy(context.Background(), backend, c, toydata.Digits(), onTwo())
		if err != nil {
			t.Fatal(err)
		}
		if want.Devices != 2 {
			t.Errorf("the result says %d devices", want.Devices)
		}
		env := onTwo()
		ctx, progress := interruptAfter(4)
		env.Progress = progress
		if _, err := runToy(ctx, backend, c, toydata.Digits(), env); !errors.Is(err, ErrInterrupted) {
			t.Fatalf("interrupted run: %v", err)
		}
		env.Resume = environment.ContinueSame
		got, err := runToy(context.Background(), backend, c, toydata.Digits(), env)
		if err != nil {
			t.Fatal(err)
		}
		if got.StateSHA256 != want.StateSHA256 || !reflect.DeepEqual(got.Points, want.Points) {
			t.Errorf("%s: resumed to %s, %+v, want %s, %+v", norm, got.StateSHA256, got.Points, want.StateSHA256, want.Points)
		}
		one, err := runToy(context.Background(), backend, c, toydata.Digits(), outputTo(t.TempDir()))
		if err != nil {
			t.Fatal(err)
		}
		if one.Devices != 0 || one.ID == want.ID {
			t.Errorf("%s: the run on one device says %d devices; its id is %s, on two devices %s", norm, one.Devices, one.ID, want.ID)
		}
		for i, p := range one.Points {
			if loss := want.Points[i].TaskLoss; math.Abs(loss-p.TaskLoss) > 1e-4 || want.Points[i].Target.Accuracy != p.Target.Accuracy {
				t.Errorf("%s: point %+v, on one device %+v", norm, want.Points[i], p)
			}
		}
	}
}

// TestDevicesMisuse: Run names the batch size or the number of devices that does
// not fit.
func TestDevicesMisuse(t *testing.T) {
	toydata.Backend(t)
	root := toydata.Photographs(t, 1)
	for _, test := range []struct {
		devices, batch int
		want           string
	}{{3, 8, "batch size 8"}, {-1, 8, "want at least 1"}, {64, 64, "has 4"}} {
		c := toydata.PhotosConfig(t, "finetuned", "none")
		c.BatchSize = test.batch
		env := photosEnvironment(t, root)
		env.Devices = test.devices
		_, err := Run(context.Background(), c, env)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%d devices, batch of %d: error is %v", test.devices, test.batch, err)
		}
	}
}
