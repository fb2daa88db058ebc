package loader

import (
	"fmt"
	"math/rand/v2"
)

// read reads the example at a place of a batch.
func (l *Loader) read(w *worker, p *pending, place int) {
	defer l.running.Done()
	index, err := l.readAny(w, p, place)
	p.Indices[place] = index
	p.end(place, err)
}

// readAny reads the example at a place of a batch or, with Skip, the first
// readable one from there on.
func (l *Loader) readAny(w *worker, p *pending, place int) (index int, err error) {
	wanted, n := p.Indices[place], l.examples.Len()
	if wanted < 0 || wanted >= n {
		return wanted, fmt.Errorf("the schedule of step %d names example %d, but there are %d", p.Step, wanted, n)
	}
	dst := p.Values[place*l.size:][:l.size:l.size]
	for i := range n {
		index := (wanted + i) % n
		if l.options.Broken == Skip && l.broken.has(index) {
			continue
		}
		if l.closed() {
			return index, ErrClosed
		}
		w.seed(l.seed, p.Step, place) // the same whatever was tried before
		err := l.readOne(index, w.draw, dst)
		if err == nil {
			return index, nil
		}
		if l.options.Broken != Skip {
			return index, err
		}
		l.broken.add(index, err)
	}
	return wanted, l.broken.all(n)
}

// readOne reads an example; a panic becomes an error.
func (l *Loader) readOne(index int, draw *rand.Rand, dst []float32) (err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = panicked(problem)
		}
		if err != nil {
			err = fmt.Errorf("example %d: %w", index, err)
		}
	}()
	return l.examples.Read(index, draw, dst)
}

// panicked turns a panic's value into an error.
func panicked(problem any) error {
	if err, ok := problem.(error); ok {
		return fmt.Errorf("panic: %w", err)
	}
	return fmt.Errorf("panic: %v", problem)
}
