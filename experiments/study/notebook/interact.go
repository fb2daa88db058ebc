package notebook

import (
	"fmt"
	"html"
	"os"
	"strings"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/widgets"

	"github.com/reciprocalnorm/rn/plots"
)

const (
	// answerTime is the time in which a front end must show the controls. After it, the
	// cell draws the defaults.
	answerTime = 20 * time.Second
	// idleTime is the time after which a cell stops waiting for a control to move, so
	// that the next cells run if nobody is there.
	idleTime = time.Minute
)

// Interact draws a figure, and redraws it when the reader moves a control. It returns
// when the reader presses the button "continue", or after a minute without a move.
// Without a front end, or if [HeadlessVariable] is set, it draws once, with the
// defaults. Interact panics if the first drawing fails, and displays the errors of
// later drawings.
func Interact(draw func() (*plots.Figure, error), controls ...*Control) {
	first := Must(draw())
	if os.Getenv(HeadlessVariable) != "" || !gonbui.IsNotebook {
		Show(first)
		return
	}
	panel, picture := gonbui.UniqueId(), gonbui.UniqueId()
	parent := "rn_controls_" + panel
	gonbui.UpdateHTML(panel, fmt.Sprintf(`<div id=%q class="rn-controls"></div>`, parent))
	built := make(chan *moves, 1)
	go func() { built <- listen(parent, controls) }()
	var m *moves
	select {
	case m = <-built:
	case <-time.After(answerTime):
		gonbui.UpdateHTML(panel, "")
		Show(first)
		return
	}
	gonbui.UpdateHTML(picture, page(first, nil))
	m.serve(func() { gonbui.UpdateHTML(picture, page(draw())) }, idleTime)
	gonbui.UpdateHTML(panel, "") // the controls no longer work
	gonbui.Sync()
}

// page returns a figure as HTML, or the error in its place.
func page(f *plots.Figure, err error) string {
	var b strings.Builder
	if err == nil {
		err = f.WriteSVG(&b)
	}
	if err != nil {
		return "<p>" + html.EscapeString(err.Error()) + "</p>"
	}
	return `<div class="rn-figure">` + b.String() + "</div>"
}

// moves signals the actions of the reader.
type moves struct {
	moved chan struct{} // a control has a new value; one signal may stand for several moves
	done  chan struct{} // the reader pressed the button
}

// listen adds the controls and the button to an element of the page.
func listen(parent string, controls []*Control) *moves {
	connect(answerTime)
	m := &moves{make(chan struct{}, 1), make(chan struct{}, 1)}
	for _, c := range controls {
		values := c.build(parent)
		go func() {
			for v := range values.C {
				if c.set(v) {
					m.move()
				}
			}
		}()
	}
	clicks := widgets.Button("continue").AppendTo(parent).Done().Listen()
	go func() {
		<-clicks.C
		m.done <- struct{}{}
	}()
	return m
}

// move signals that a control has a new value.
func (m *moves) move() {
	select {
	case m.moved <- struct{}{}:
	default: // the pending drawing uses this value, too
	}
}

// serve redraws after moves. It returns when the reader presses the button, or after
// the idle time without a move.
func (m *moves) serve(redraw func(), idle time.Duration) {
	for {
		select {
		case <-m.moved:
			redraw()
		case <-m.done:
			return
		case <-time.After(idle):
			return
		}
	}
}
