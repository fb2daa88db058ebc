package experiments

import (
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// lacksEvaluation reports whether the network is to be evaluated after a step and has
// not been.
func (p *progress) lacksEvaluation(c config.Config, step int) bool {
	if step == 0 || step%c.EvalEvery != 0 && step != c.Steps {
		return false
	}
	n := len(p.Points)
	return n == 0 || p.Points[n-1].Step != step
}

// means returns the mean losses of the steps since the last point.
func (p *progress) means() (task, transfer float64) {
	return p.TaskLoss / float64(p.Steps), p.TransferLoss / float64(p.Steps)
}

// add adds a point, which gets the mean losses of the steps since the one before.
func (p *progress) add(point record.Point) {
	point.TaskLoss, point.TransferLoss = p.means()
	p.Points = append(p.Points, point)
	p.Steps, p.TaskLoss, p.TransferLoss = 0, 0, 0
}
