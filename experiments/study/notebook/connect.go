package notebook

import (
	"fmt"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"
	"github.com/janpfeifer/gonb/gonbui/dom"
)

// helloTime is how long a page may take to answer. It is above the second after
// which GoNB makes sure that a connection still is one.
const helloTime = 1500 * time.Millisecond

// connect returns when the page and the cell reach each other, or after the
// limit. A new connection of GoNB may miss the kernel's first answer, which is
// sent before Jupyter's server passes anything on to it; the page gives it up
// then, and controls would wait for ever.
func connect(limit time.Duration) {
	address := "/rn/hello/" + gonbui.UniqueId()
	hello := comms.Listen[int](address)
	for end := time.Now().Add(limit); time.Now().Before(end); {
		dom.TransientJavascript(fmt.Sprintf("globalThis.gonb_comm?.send(%q, 1)", address))
		select {
		case <-hello.C:
			return
		case <-time.After(helloTime):
			comms.Start() // anew, if the connection is dead
		}
	}
}
