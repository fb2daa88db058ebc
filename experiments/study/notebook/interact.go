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
	// answerTime is how long a front end may take to show the controls: where there
	// is none the defaults are drawn.
	answerTime = 20 * time.Second
	// idleTime is how long a cell waits for a control to be moved, so that the cells
	// after it are run when nobody is there.
	idleTime = time.Minute
)

// Interact draws a figure, and again whenever a control is moved. It returns when
// the button "continue" is pressed or after a minute without a move. Without a
// front end, and where [HeadlessVariable] is set, it draws once, with the
// defaults. It panics on an error of the first drawing; those of later ones are
// shown.
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
	gonbui.UpdateHTML(panel, "") // they would be dead
	gonbui.Sync()
}

// page is a figure, or the error in its place, as HTML.
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

// moves are what the reader does.
type moves struct {
	moved chan struct{} // a control has a new value; several moves may be one
	done  chan struct{} // the button was pressed
}

// listen shows the controls and the button in an element of the page.
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

// move says that a control has a new value.
func (m *moves) move() {
	select {
	case m.moved <- struct{}{}:
	default: // the drawing that is due sees this value too
	}
}

// serve redraws after moves until the button is pressed or nothing was moved for
// the idle time.
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
