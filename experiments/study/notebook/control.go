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

// Control is something that a reader of a notebook can set. Without a front end
// it keeps its default.
type Control struct {
	name     string
	options  []string // of a choice
	min, max int      // of a slider
	value    atomic.Int64
}

// Choice chooses one of several options; the default is the first, or that of
// [Control.Default].
func Choice(name string, options ...string) *Control {
	if len(options) == 0 {
		panic(fmt.Sprintf("choice %q has no options", name))
	}
	return &Control{name: name, options: options}
}

// Slider sets an integer from min to max.
func Slider(name string, min, max, value int) *Control {
	if value < min || value > max {
		panic(fmt.Sprintf("slider %q starts at %d: want %d to %d", name, value, min, max))
	}
	c := &Control{name: name, min: min, max: max}
	c.value.Store(int64(value))
	return c
}

// Default makes an option of a choice its default.
func (c *Control) Default(option string) *Control {
	i := slices.Index(c.options, option)
	if i < 0 {
		panic(fmt.Sprintf("choice %q has no option %q: want one of %s", c.name, option, strings.Join(c.options, ", ")))
	}
	c.value.Store(int64(i))
	return c
}

// Value is that of a slider, or the index of a choice's option.
func (c *Control) Value() int { return int(c.value.Load()) }

// Option is the option that is chosen.
func (c *Control) Option() string {
	if c.options == nil {
		panic(fmt.Sprintf("slider %q has no options: it has a value", c.name))
	}
	return c.options[c.Value()]
}

// set takes a value of the front end, and reports whether it changes anything.
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

// build puts the control into an element of the page and listens to it. It
// returns when the front end has answered.
func (c *Control) build(parent string) *comms.AddressChan[int] {
	id := "rn_control_" + gonbui.UniqueId()
	dom.Append(parent, fmt.Sprintf(`<span id=%q style="white-space:nowrap;margin-right:1.5em"><label style="margin-right:0.5em">%s</label></span> `,
		id, html.EscapeString(c.name)))
	if c.options != nil {
		return widgets.Select(c.options).SetDefault(c.Value()).AppendTo(id).Done().Listen().LatestOnly()
	}
	return widgets.Slider(c.min, c.max, c.Value()).AppendTo(id).Done().Listen().LatestOnly()
}
