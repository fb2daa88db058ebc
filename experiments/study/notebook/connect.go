package notebook

import (
	"fmt"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"
	"github.com/janpfeifer/gonb/gonbui/dom"
)

// helloTime is the time in which the page must answer. It exceeds the second after
// which GoNB checks that a connection is alive.
const helloTime = 1500 * time.Millisecond

// connect returns when the page and the cell can exchange messages, or after the
// limit. A new connection of GoNB may miss the kernel's first answer, because the
// kernel sends it before Jupyter's server forwards messages to the connection. The
// page then drops the connection, and controls would wait forever.
func connect(limit time.Duration) {
	address := "/rn/hello/" + gonbui.UniqueId()
	hello := comms.Listen[int](address)
	for end := time.Now().Add(limit); time.Now().Before(end); {
		dom.TransientJavascript(fmt.Sprintf("globalThis.gonb_comm?.send(%q, 1)", address))
		select {
		case <-hello.C:
			return
		case <-time.After(helloTime):
			comms.Start() // reconnects if the connection is dead
		}
	}
}
