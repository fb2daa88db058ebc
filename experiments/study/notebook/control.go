package notebook

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"
	"github.com/janpfeifer/gonb/gonbui/dom"
	"github.com/janpfeifer/gonb/gonbui/widgets"
)

// Control is a value that a reader of a notebook can change. Without a front end it
// keeps its default.
type Control struct {
	name     string
	options  []string // of a choice; nil for a slider
	min, max int      // of a slider
	value    atomic.Int64
}

// Choice returns a control that selects one of several options. The first is the
// default unless [Control.Default] sets another.
func Choice(name string, options ...string) *Control {
	if len(options) == 0 {
		panic(fmt.Sprintf("choice %q has no options", name))
	}
	return &Control{name: name, options: options}
}

// Slider returns a control for an integer from min to max, with the default value.
func Slider(name string, min, max, value int) *Control {
	if value < min || value > max {
		panic(fmt.Sprintf("slider %q starts at %d: want %d to %d", name, value, min, max))
	}
	c := &Control{name: name, min: min, max: max}
	c.value.Store(int64(value))
	return c
}

// Default makes an option the default of a choice.
func (c *Control) Default(option string) *Control {
	i := slices.Index(c.options, option)
	if i < 0 {
		panic(fmt.Sprintf("choice %q has no option %q: want one of %s", c.name, option, strings.Join(c.options, ", ")))
	}
	c.value.Store(int64(i))
	return c
}

// Value returns the value of a slider, or the index of the selected option of a
// choice.
func (c *Control) Value() int { return int(c.value.Load()) }

// Option returns the selected option of a choice.
func (c *Control) Option() string {
	if c.options == nil {
		panic(fmt.Sprintf("slider %q has no options: use Value", c.name))
	}
	return c.options[c.Value()]
}

// set stores a value from the front end and reports whether it is new. It ignores a
// value out of range.
func (c *Control) set(value int) bool {
	lo, hi := c.min, c.max
	if c.options != nil {
		lo, hi = 0, len(c.options)-1
	}
	if value < lo || value > hi {
		return false
	}
	return c.value.Swap(int64(value)) != int64(value)
}

// build adds the control to an element of the page and listens to it. It returns when
// the front end has answered.
func (c *Control) build(parent string) *comms.AddressChan[int] {
	id := "rn_control_" + gonbui.UniqueId()
	dom.Append(parent, fmt.Sprintf(`<span id=%q style="white-space:nowrap;margin-right:1.5em"><label style="margin-right:0.5em">%s</label></span> `,
		id, html.EscapeString(c.name)))
	if c.options != nil {
		return widgets.Select(c.options).SetDefault(c.Value()).AppendTo(id).Done().Listen().LatestOnly()
	}
	return widgets.Slider(c.min, c.max, c.Value()).AppendTo(id).Done().Listen().LatestOnly()
}
