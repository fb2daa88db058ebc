package photobench

import (
	"sync"
	"time"
)

// silence is how long looking for files takes before it is reported.
const silence = 2 * time.Second

// lookingFor counts the files that were looked for and reports them, unless that is soon
// done.
type lookingFor struct {
	report func(done, total int) // nil: nobody is told
	total  int
	after  time.Duration // before the first report
	began  time.Time

	mu    sync.Mutex
	done  int
	spoke bool
}

// count counts a file. It reports every thousandth of the files.
func (l *lookingFor) count() {
	if l.report == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done++
	if l.done*1000/l.total == (l.done-1)*1000/l.total || !l.spoke && time.Since(l.began) < l.after {
		return
	}
	if !l.spoke {
		l.spoke = true
		l.report(1, l.total) // the beginning
	}
	l.report(l.done, l.total)
}
