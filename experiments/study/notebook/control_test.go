package notebook

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/reciprocalnorm/rn/plots"
)

func TestChoice(t *testing.T) {
	c := Choice("layer", "conv1", "conv2", "hidden")
	if c.Option() != "conv1" || c.Value() != 0 {
		t.Errorf("a new choice has option %d, %q, want the first", c.Value(), c.Option())
	}
	c.Default("hidden")
	if c.Option() != "hidden" {
		t.Errorf("option %q, want the default hidden", c.Option())
	}
	if !c.set(1) || c.Option() != "conv2" {
		t.Errorf("option %q after set(1), want conv2", c.Option())
	}
	if c.set(1) {
		t.Error("set reports a change for the same value")
	}
	if c.set(3) || c.set(-1) || c.Value() != 1 {
		t.Errorf("set accepts a value outside the options; now %d", c.Value())
	}
}

func TestSlider(t *testing.T) {
	c := Slider("own share", 10, 100, 50)
	if c.Value() != 50 {
		t.Errorf("value %d, want 50", c.Value())
	}
	if !c.set(10) || !c.set(100) || c.set(9) || c.set(101) || c.Value() != 100 {
		t.Errorf("value %d, want 100: 10 and 100 are in range, 9 and 101 are out of range", c.Value())
	}
}

func TestControlMisuse(t *testing.T) {
	for want, f := range map[string]func(){
		`choice "norm" has no options`:                          func() { Choice("norm") },
		`choice "norm" has no option "dwt": want one of bn, rn`: func() { Choice("norm", "bn", "rn").Default("dwt") },
		`slider "share" starts at 101: want 0 to 100`:           func() { Slider("share", 0, 100, 101) },
		`slider "share" has no options: use Value`:              func() { Slider("share", 0, 100, 1).Option() },
		`RN_NOTEBOOK_PROFILE is "fast": want quick or full`:     func() { t.Setenv(ProfileVariable, "fast"); Profile() },
		`claim fails: 1 is above 2`:                             func() { Claim(1 > 2, "%d is above %d", 1, 2) },
		`no such figure`:                                        func() { Interact(func() (*plots.Figure, error) { return nil, errors.New("no such figure") }) },
	} {
		t.Run(want, func(t *testing.T) {
			defer func() {
				got := recover()
				if err, ok := got.(error); ok {
					got = err.Error()
				}
				if text, _ := got.(string); !strings.Contains(text, want) {
					t.Errorf("panic %v, want %q", got, want)
				}
			}()
			f()
		})
	}
}

// TestInteractHeadless expects one drawing, with the defaults.
func TestInteractHeadless(t *testing.T) {
	t.Setenv(HeadlessVariable, "1")
	share := Slider("own share", 0, 100, 50)
	var drawn []int
	Interact(func() (*plots.Figure, error) {
		drawn = append(drawn, share.Value())
		return figure(t, 1), nil
	}, share)
	if len(drawn) != 1 || drawn[0] != 50 {
		t.Errorf("drawn with %v, want one drawing with 50", drawn)
	}
}

// TestServe checks that serve redraws after moves and returns on the button or the
// idle time.
func TestServe(t *testing.T) {
	m := &moves{make(chan struct{}, 1), make(chan struct{}, 1)}
	m.move()
	m.move() // two moves before a drawing need only one
	drawn := 0
	m.serve(func() {
		if drawn++; drawn == 2 {
			m.done <- struct{}{}
			return
		}
		m.move()
	}, time.Hour)
	if drawn != 2 {
		t.Errorf("drawn %d times, want 2", drawn)
	}
	m.serve(func() { t.Error("drawn without a move") }, time.Nanosecond)
}

func TestPage(t *testing.T) {
	if got := page(nil, errors.New("a < b")); !strings.Contains(got, "a &lt; b") {
		t.Errorf("page of an error: %q", got)
	}
	if got := page(figure(t, 1), nil); !strings.Contains(got, "<svg") {
		t.Errorf("page of a figure has no SVG: %.80q", got)
	}
}
