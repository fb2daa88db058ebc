package tsne

import "math"

// descent is gradient descent on KL(P‖Q) with momentum and one gain per
// coordinate.
type descent struct {
	n    int
	p    []float64 // [n, n]
	y    [][2]float64
	rate float64

	velocity, gains       [][2]float64
	attraction, repulsion [][2]float64
	normal                []float64 // [n], row sums of 1/(1 + |y_i − y_j|²)
}

// newDescent prepares the descent from the places y.
func newDescent(p []float64, y [][2]float64) *descent {
	n := len(y)
	s := &descent{
		n: n, p: p, y: y,
		// The automatic learning rate of scikit-learn, after Belkina et al. 2019.
		rate:     max(float64(n)/exaggeration/4, leastLearningRate),
		velocity: make([][2]float64, n), gains: make([][2]float64, n),
		attraction: make([][2]float64, n), repulsion: make([][2]float64, n),
		normal: make([]float64, n),
	}
	for i := range s.gains {
		s.gains[i] = [2]float64{1, 1}
	}
	return s
}

// forces computes for each i, with w_ij = 1/(1 + |y_i − y_j|²),
//
//	attraction = Σ_j p_ij w_ij (y_i − y_j)
//	repulsion  = Σ_j w_ij² (y_i − y_j)
//	normal     = Σ_{j≠i} w_ij
//
// and returns Σ_i normal.
func (s *descent) forces() float64 {
	eachRow(s.n, func(i int) {
		at, p := s.y[i], s.p[i*s.n : (i+1)*s.n][:len(s.y)]
		var ax, ay, rx, ry, sum float64
		for j, other := range s.y {
			dx, dy := at[0]-other[0], at[1]-other[1]
			w := 1 / (1 + dx*dx + dy*dy)
			a, r := p[j]*w, w*w
			ax, ay = ax+a*dx, ay+a*dy
			rx, ry = rx+r*dx, ry+r*dy
			sum += w
		}
		s.attraction[i], s.repulsion[i] = [2]float64{ax, ay}, [2]float64{rx, ry}
		s.normal[i] = sum - 1 // without j = i
	})
	z := 0.0
	for _, v := range s.normal {
		z += v
	}
	return z
}

// step makes one gradient step. If early is true, P is multiplied by the
// exaggeration.
func (s *descent) step(early bool) {
	factor, momentum := 1.0, lateMomentum
	if early {
		factor, momentum = exaggeration, earlyMomentum
	}
	z := s.forces()
	var centre [2]float64
	for i := range s.y {
		for k := range 2 {
			g := 4 * (factor*s.attraction[i][k] - s.repulsion[i][k]/z)
			if v := s.velocity[i][k]; (g > 0) != (v > 0) {
				s.gains[i][k] += gainStep
			} else {
				s.gains[i][k] = max(s.gains[i][k]*gainDecay, leastGain)
			}
			s.velocity[i][k] = momentum*s.velocity[i][k] - s.rate*s.gains[i][k]*g
			s.y[i][k] += s.velocity[i][k]
			centre[k] += s.y[i][k] / float64(s.n)
		}
	}
	for i := range s.y {
		s.y[i][0] -= centre[0]
		s.y[i][1] -= centre[1]
	}
}

// divergence returns KL(P‖Q) in nats.
func (s *descent) divergence() float64 {
	z := s.forces()
	kl := 0.0
	for i, at := range s.y {
		for j, other := range s.y {
			if p := s.p[i*s.n+j]; i != j && p > 0 {
				dx, dy := at[0]-other[0], at[1]-other[1]
				kl += p * (math.Log(p) + math.Log(z*(1+dx*dx+dy*dy)))
			}
		}
	}
	return kl
}
