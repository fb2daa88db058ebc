package loader

import (
	"fmt"
	"slices"
)

// plan gives the examples of one step after another to workers.
func (l *Loader) plan(jobs chan<- job, schedule func(step int) []int, first int) {
	defer close(l.queue)
	for step := first; ; step++ {
		select {
		case l.ahead <- struct{}{}:
		case <-l.stopped:
			return
		}
		indices, err := indicesOf(schedule, step)
		if err != nil {
			l.queue <- failed(step, err) // there is room: queue and ahead are equally long
			return
		}
		if len(indices) == 0 {
			return
		}
		p := newPending(step, l.free.take(len(indices)*l.size), indices)
		l.queue <- p
		for place := range indices {
			l.running.Add(1) // until read, or here
			select {
			case jobs <- job{l, p, place}:
			case <-l.stopped:
				l.running.Done()
				return
			}
		}
	}
}

// indicesOf copies a step's indices; a panic of the schedule becomes an error.
func indicesOf(schedule func(step int) []int, step int) (indices []int, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("the schedule of step %d: %w", step, panicked(problem))
		}
	}()
	return slices.Clone(schedule(step)), nil
}
