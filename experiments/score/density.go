package score

import (
	"math"
	"sync"
)

const (
	// densityTemperature is τ of Saito et al. 2021, section 3.2.
	densityTemperature = 0.05
	// densityParts is the number of goroutines that compute a density. It is the same
	// on every machine, because it determines the order of summation.
	densityParts = 16
)

// density returns the soft neighbourhood density (Saito et al. 2021,
// arXiv 2108.10860) of probabilities p [images][classes], in nats: the mean over
// images i of the entropy of
//
//	P_ij = softmax over j ≠ i of ⟨p_i, p_j⟩ / (‖p_i‖ ‖p_j‖ τ)        τ = 0.05
//
// The density is high if images have many neighbours with similar predictions. Its
// maximum, log(images − 1), is reached when all predictions are equal, so it does not
// detect a collapse to one class. Fewer than three images have the density 0.
//
// The authors' code keeps the image itself with a similarity of −1 instead of leaving
// it out, and adds 1e-5 in the logarithm.
//
// The cost is images²·classes/2 multiplications.
func density(p [][]float64) float64 {
	n := len(p)
	if n < 3 {
		return 0
	}
	classes := len(p[0])
	unit := make([]float64, 0, n*classes) // p_i/‖p_i‖ of all images in a row
	for _, row := range p {
		norm := 0.0
		for _, v := range row {
			norm += v * v
		}
		norm = math.Sqrt(norm)
		for _, v := range row {
			unit = append(unit, v/norm)
		}
	}
	// With s = ⟨p_i, p_j⟩/(‖p_i‖ ‖p_j‖ τ) and w = e^s, the entropy is log Σw − Σws/Σw.
	// s is symmetric, so each pair is computed once and added to both of its images.
	type sums struct{ w, ws []float64 }
	parts := make([]sums, densityParts)
	var wait sync.WaitGroup
	for part := range parts {
		wait.Go(func() {
			s := sums{make([]float64, n), make([]float64, n)}
			for i := part; i < n; i += densityParts {
				a := unit[i*classes : (i+1)*classes]
				ownW, ownWS := 0.0, 0.0
				for j := i + 1; j < n; j++ {
					b := unit[j*classes:][:len(a)]
					dot := 0.0
					for k, v := range a {
						dot += v * b[k]
					}
					dot /= densityTemperature // at most 20: no overflow
					w := math.Exp(dot)
					ws := w * dot
					ownW += w
					ownWS += ws
					s.w[j] += w
					s.ws[j] += ws
				}
				s.w[i] += ownW
				s.ws[i] += ownWS
			}
			parts[part] = s
		})
	}
	wait.Wait()
	mean := 0.0
	for i := range n {
		w, ws := 0.0, 0.0
		for _, s := range parts {
			w += s.w[i]
			ws += s.ws[i]
		}
		mean += (math.Log(w) - ws/w) / float64(n)
	}
	return mean
}
