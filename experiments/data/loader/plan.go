package loader

import (
	"fmt"
	"slices"
)

// plan hands out the examples of one step after another.
func (l *Loader) plan(schedule func(step int) []int, first int) {
	defer close(l.jobs)
	defer close(l.queue)
	for step := first; ; step++ {
		select {
		case l.ahead <- struct{}{}:
		case <-l.stopped:
			return
		}
		indices, err := indicesOf(schedule, step)
		if err != nil {
			l.queue <- failed(step, err) // there is room: the queue is as long as ahead
			return
		}
		if len(indices) == 0 {
			return
		}
		p := newPending(step, l.free.take(len(indices)*l.size), indices)
		l.queue <- p
		for place := range indices {
			l.jobs <- job{p, place} // workers take it after Close, too, and end it unread
		}
	}
}

// indicesOf copies a step's indices; a panic becomes an error.
func indicesOf(schedule func(step int) []int, step int) (indices []int, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("the schedule of step %d: %w", step, panicked(problem))
		}
	}()
	return slices.Clone(schedule(step)), nil
}
