package oracle_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/reciprocalnorm/rn/rnlayer/internal/oracle"
)

// exact bounds rounding in float64 of values of order 1.
const exact = 1e-12

func TestDefaultGroups(t *testing.T) {
	for channels, want := range map[int]int{1: 1, 256: 1, 511: 1, 512: 1, 1024: 2, 2048: 4} {
		if got := oracle.DefaultConfig(channels).Group; got != want {
			t.Errorf("%d channels: got groups of %d, expected %d", channels, got, want)
		}
	}
}

func TestDomainMoments(t *testing.T) {
	// Two channels; domain 0 is one row of two positions, domain 1 two rows.
	x := []float64{1, 10, 3, 14 /* */, 0, 1, 0, 1, 4, 1, 4, 1}
	got := oracle.DomainMoments(x, []int{1, 2}, 2)
	checkClose(t, "mean of domain 0", got[0].Mean, []float64{2, 12}, exact)
	checkClose(t, "variance of domain 0", got[0].Variance, []float64{2, 8}, exact)
	checkClose(t, "mean of domain 1", got[1].Mean, []float64{2, 1}, exact)
	checkClose(t, "variance of domain 1", got[1].Variance, []float64{16.0 / 3, 0}, exact)
}

func TestCorrelation(t *testing.T) {
	own, other := []float64{1, 3, -1, 0}, []float64{2, 0, 4, 2}
	for _, test := range []struct {
		distance oracle.Distance
		group    int
		scores   [][]float64
	}{
		// Averages: 2, -0.5 and 1, 3.
		{oracle.L2, 2, [][]float64{{-1, -1}, {-2.25, -12.25}}},
		{oracle.L1, 2, [][]float64{{-1, -1}, {-1.5, -3.5}}},
		{oracle.Dot, 2, [][]float64{{2, 10}, {-2, -4}}},
		{oracle.Cosine, 2, [][]float64{
			{2 / math.Sqrt(10*4), 10 / math.Sqrt(10*20)},
			{-2 / math.Sqrt(1*4), -4 / math.Sqrt(1*20)},
		}},
		{oracle.L1, 1, [][]float64{{-1, -1, -3, -1}, {-1, -3, -1, -1}, {-3, -1, -5, -3}, {-2, 0, -4, -2}}},
		{oracle.Cosine, 1, [][]float64{{1, 0, 1, 1}, {1, 0, 1, 1}, {-1, 0, -1, -1}, {0, 0, 0, 0}}},
	} {
		p := oracle.Correlation(test.distance, test.group, own, other)
		for i, scores := range test.scores {
			sum := 0.0
			for _, s := range scores {
				sum += math.Exp(s)
			}
			want := make([]float64, len(scores))
			for j, s := range scores {
				want[j] = math.Exp(s) / sum
			}
			checkClose(t, fmt.Sprintf("%s, g = %d, row %d", test.distance, test.group, i), p[i], want, exact)
		}
	}
}

func TestCorrelationOfLargeStatistics(t *testing.T) {
	p := oracle.Correlation(oracle.Dot, 1, []float64{100, -100}, []float64{100, -100})
	for i := range p {
		if p[i][i] != 1 || p[i][1-i] != 0 {
			t.Errorf("row %d: got %v, expected all on the same channel", i, p[i])
		}
	}
}

func TestCompensateKeepsPlaceInGroup(t *testing.T) {
	p := [][]float64{{0.25, 0.75}, {1, 0}}
	got := oracle.Compensate(p, 2, []float64{4, 8, 0, 40})
	checkClose(t, "compensation", got, []float64{1, 32, 4, 8}, exact)
}

// batch is a random batch with domains of different sizes, means and scales.
func batch(sizes []int, positions, channels int) []float64 {
	rng := rand.New(rand.NewPCG(3, 4))
	var x []float64
	for d, rows := range sizes {
		for range rows * positions {
			for c := range channels {
				x = append(x, float64(d)-0.3*float64(c)+(1+0.2*float64(c+d))*rng.NormFloat64())
			}
		}
	}
	return x
}

// randomState has gates in [0.5, 1] and other parameters of order 1.
func randomState(config oracle.Config) *oracle.State {
	rng := rand.New(rand.NewPCG(5, 6))
	state := config.NewState()
	for _, sets := range [][][]float64{state.Gamma, state.Beta, state.MeanGate, state.VarianceGate} {
		for _, values := range sets {
			for i := range values {
				values[i] = 0.5 + 0.5*rng.Float64()
			}
		}
	}
	return state
}

func TestAggregateByHand(t *testing.T) {
	// One channel, so that P = 1 and compensation is the others' statistic: means
	// 1, 3, 8 and variances 2, 0, 18.
	x, sizes := []float64{0, 2, 3, 3, 5, 11}, []int{2, 2, 2}
	for _, test := range []struct {
		name                 string
		edit                 func(*oracle.Config)
		mean, variance       float64 // of domain 0
		meanGate, varGate    float64
		runMean, runVariance float64
	}{
		{"gated", func(*oracle.Config) {}, 0.6*1 + 0.4*5.5, 0.9*2 + 0.1*9, 0.6, 0.9, 0.28, 1.17},
		{"same channel", func(c *oracle.Config) { c.Mixing = oracle.SameChannel },
			0.6*1 + 0.4*5.5, 0.9*2 + 0.1*9, 0.6, 0.9, 0.28, 1.17},
		{"fixed share", func(c *oracle.Config) { c.Mixing = oracle.FixedShare },
			3.25, 5.5, 0.6, 0.9, 0.325, 1.45},
		{"full replacement", func(c *oracle.Config) { c.Mixing, c.OwnShare = oracle.FixedShare, 0 },
			5.5, 9, 0.6, 0.9, 0.55, 1.8},
		{"mean only", func(c *oracle.Config) { c.Statistic = oracle.MeanOnly }, 2.8, 2, 0.6, 0.9, 0.28, 1.1},
		{"variance only", func(c *oracle.Config) { c.Statistic = oracle.VarianceOnly }, 1, 2.7, 0.6, 0.9, 0.1, 1.17},
	} {
		config := oracle.DefaultConfig(1)
		config.Domains = 3
		test.edit(&config)
		state := config.NewState()
		state.MeanGate[0][0], state.VarianceGate[0][0] = test.meanGate, test.varGate
		got := config.Aggregate(x, sizes, state)[0]
		checkClose(t, test.name+": mean", got.Mean, []float64{test.mean}, exact)
		checkClose(t, test.name+": variance", got.Variance, []float64{test.variance}, exact)

		y := config.Train(x, sizes, state)
		scale := math.Sqrt(test.variance + 1e-5)
		checkClose(t, test.name+": y", y[:2], []float64{(0 - test.mean) / scale, (2 - test.mean) / scale}, exact)
		checkClose(t, test.name+": running mean", state.RunningMean[0], []float64{test.runMean}, exact)
		checkClose(t, test.name+": running variance", state.RunningVariance[0], []float64{test.runVariance}, exact)
	}
}

// TestSameChannelDiffersFromCompensation guards against a mixing that ignores P.
func TestSameChannelDiffersFromCompensation(t *testing.T) {
	config := oracle.DefaultConfig(4)
	sizes := []int{3, 4}
	x := batch(sizes, 2, 4)
	state := randomState(config)
	gated := config.Aggregate(x, sizes, state)
	config.Mixing = oracle.SameChannel
	same := config.Aggregate(x, sizes, state)
	if math.Abs(gated[0].Mean[0]-same[0].Mean[0]) < 1e-3 {
		t.Errorf("means %v and %v agree", gated[0].Mean, same[0].Mean)
	}
	own := oracle.DomainMoments(x, sizes, 4)
	for c := range 4 {
		a := state.VarianceGate[1][c]
		want := a*own[1].Variance[c] + (1-a)*own[0].Variance[c]
		checkClose(t, "variance of domain 1", same[1].Variance[c:c+1], []float64{want}, exact)
	}
}

func TestThreeDomainsAverageCompensations(t *testing.T) {
	config := oracle.DefaultConfig(6)
	config.Domains, config.Group, config.Distance = 3, 2, oracle.Cosine
	sizes := []int{2, 5, 3}
	x := batch(sizes, 3, 6)
	state := randomState(config)
	moments := oracle.DomainMoments(x, sizes, 6)
	meanP, varianceP := config.Correlations(x, sizes)
	got := config.Aggregate(x, sizes, state)
	first := oracle.Compensate(meanP[1][0], 2, moments[0].Mean)
	last := oracle.Compensate(meanP[1][2], 2, moments[2].Mean)
	want := make([]float64, 6)
	for c := range want {
		a := state.MeanGate[1][c]
		want[c] = a*moments[1].Mean[c] + (1-a)*(first[c]+last[c])/2
	}
	checkClose(t, "mean of domain 1", got[1].Mean, want, exact)
	if meanP[1][1] != nil || varianceP[2][2] != nil || len(varianceP[2][0]) != 3 {
		t.Error("Correlations: expected [3][3] matrices between different domains only")
	}
}

func TestGatesAtOneGiveDomainStatistics(t *testing.T) {
	sizes := []int{4, 2, 3}
	x := batch(sizes, 2, 4)
	specific := oracle.DefaultConfig(4)
	specific.Domains, specific.Norm = 3, oracle.DS
	specificState := specific.NewState()
	want := specific.Train(x, sizes, specificState)
	for _, distance := range []oracle.Distance{oracle.L2, oracle.L1, oracle.Dot, oracle.Cosine} {
		for _, mixing := range []oracle.Mixing{oracle.Gated, oracle.FixedShare, oracle.SameChannel} {
			config := oracle.DefaultConfig(4)
			config.Domains, config.Group, config.Distance = 3, 2, distance
			config.Mixing, config.OwnShare = mixing, 1
			state := config.NewState()
			name := string(distance) + ", " + string(mixing)
			checkClose(t, name+": y", config.Train(x, sizes, state), want, exact)
			for d := range sizes {
				checkClose(t, name+": running mean", state.RunningMean[d], specificState.RunningMean[d], exact)
				checkClose(t, name+": running variance", state.RunningVariance[d], specificState.RunningVariance[d], exact)
				checkClose(t, name+": inference", config.Infer(x, d, state), specific.Infer(x, d, specificState), exact)
			}
		}
	}
}

func TestBatchNormByHand(t *testing.T) {
	config := oracle.DefaultConfig(1)
	config.Norm = oracle.BN
	state := config.NewState()
	state.Gamma[0][0], state.Beta[0][0] = 3, 1
	// Mean 3; Σ(x − 3)² = 20, biased variance 5, unbiased 20/3.
	x := []float64{0, 2, 4, 6}
	s := 3 / math.Sqrt(5+1e-5)
	checkClose(t, "y", config.Train(x, []int{1, 3}, state), []float64{1 - 3*s, 1 - s, 1 + s, 1 + 3*s}, exact)
	checkClose(t, "running mean", state.RunningMean[0], []float64{0.3}, exact)
	checkClose(t, "running variance", state.RunningVariance[0], []float64{0.9 + 2.0/3}, exact)
	want := []float64{1 + 3*(5-0.3)/math.Sqrt(0.9+2.0/3+1e-5)}
	for domain := range 2 {
		checkClose(t, "inference", config.Infer([]float64{5}, domain, state), want, exact)
	}
}

func TestDSBNIsBatchNormOfEachDomain(t *testing.T) {
	config := oracle.DefaultConfig(3)
	config.Norm = oracle.DSBN
	state := randomState(config)
	sizes := []int{4, 2}
	x := batch(sizes, 2, 3)
	y := config.Train(x, sizes, state)
	start := 0
	for d, rows := range sizes {
		end := start + rows*2*3
		single := oracle.DefaultConfig(3)
		single.Norm = oracle.BN
		alone := single.NewState()
		alone.Gamma[0], alone.Beta[0] = state.Gamma[d], state.Beta[d]
		// BN is joint over its domains, so any split of the rows is the same.
		want := single.Train(x[start:end], []int{1, rows - 1}, alone)
		checkClose(t, "y", y[start:end], want, exact)
		checkClose(t, "running variance", state.RunningVariance[d], alone.RunningVariance[0], exact)
		checkClose(t, "inference", config.Infer(x, d, state), single.Infer(x, 0, alone), exact)
		start = end
	}
}

func TestAdaBNIsDSBNWithSharedAffine(t *testing.T) {
	sizes := []int{4, 2}
	x := batch(sizes, 2, 3)
	dsbn, adabn := oracle.DefaultConfig(3), oracle.DefaultConfig(3)
	dsbn.Norm, adabn.Norm = oracle.DSBN, oracle.AdaBN
	shared, own := randomState(adabn), dsbn.NewState()
	for d := range sizes {
		own.Gamma[d], own.Beta[d] = shared.Gamma[0], shared.Beta[0]
	}
	checkClose(t, "y", adabn.Train(x, sizes, shared), dsbn.Train(x, sizes, own), exact)
	for d := range sizes {
		checkClose(t, "running variance", shared.RunningVariance[d], own.RunningVariance[d], exact)
		checkClose(t, "inference", adabn.Infer(x, d, shared), dsbn.Infer(x, d, own), exact)
	}
}

func TestAutoDIALByHand(t *testing.T) {
	config := oracle.DefaultConfig(1)
	config.Norm = oracle.AutoDIAL
	state := config.NewState()
	state.Alpha[0] = 0.75
	// Means 1 and 5. The source's mixture: mean 2, E_s = (4 + 0)/2, E_t = (4 + 16)/2;
	// the target's: mean 4, E_s = (16 + 4)/2, E_t = (0 + 4)/2.
	x := []float64{0, 2, 4, 6}
	s := math.Sqrt(0.75*2 + 0.25*10 + 1e-5)
	checkClose(t, "y", config.Train(x, []int{2, 2}, state), []float64{-2 / s, 0, 0, 2 / s}, exact)
	checkClose(t, "running mean", []float64{state.RunningMean[0][0], state.RunningMean[1][0]}, []float64{0.2, 0.4}, exact)
	// v = 2 in both domains: 0.75(2 + 1) + 0.25(2 + 9).
	checkClose(t, "running variance", state.RunningVariance[0], []float64{0.9 + 0.1*5}, exact)

	// Three domains, means 0, 3 and 9 without variance: shares 0.6, 0.2 and 0.2.
	config.Domains = 3
	got, _ := config.CrossDomain([]float64{0, 0, 3, 3, 9, 9}, []int{2, 2, 2}, 0.6)
	checkClose(t, "mean of three", got[0].Mean, []float64{2.4}, exact)
	checkClose(t, "variance of three", got[0].Variance, []float64{0.6*2.4*2.4 + 0.2*0.6*0.6 + 0.2*6.6*6.6}, exact)
}

func TestTransNormByHand(t *testing.T) {
	config := oracle.DefaultConfig(2)
	config.Norm, config.Epsilon = oracle.TransNorm, 0
	state := config.NewState()
	state.Gamma[0], state.Beta[0] = []float64{2, 1}, []float64{1, 0}
	// Unbiased deviations 2 everywhere; ratios 0 and 1 in the first channel, 1 and
	// 1 in the second: d = 1 and 0, α = 2·½/1.5 and 2·1/1.5.
	r := math.Sqrt2
	x := []float64{-r, 2 - r, r, 2 + r /* */, 2 - r, 2 - r, 2 + r, 2 + r}
	first, second := 1+2.0/3, 1+4.0/3
	want := []float64{-first, -second, 3 * first, second, -first, -second, 3 * first, second}
	checkClose(t, "y", config.Train(x, []int{2, 2}, state), want, exact)

	state.RunningMean = [][]float64{{0, 6}, {9, 6}} // over deviations of 3: d = 3 and 0, α = 2·¼/1.25 and 2·1/1.25
	state.RunningVariance = [][]float64{{9, 9}, {9, 9}}
	checkClose(t, "inference", config.Infer([]float64{12, 9}, 1, state), []float64{(2*1 + 1) * 1.4, 1 * 2.6}, exact)
	state.HeldAlpha = [][]float64{{0, 0}, {0, 0}}
	checkClose(t, "y without α", config.Train(x, []int{2, 2}, state), []float64{-1, -1, 3, 1, -1, -1, 3, 1}, exact)
}

func TestWhiteningByHand(t *testing.T) {
	config := oracle.DefaultConfig(2)
	config.Norm = oracle.DWT
	state := config.NewState()
	state.Gamma[0], state.Beta[0] = []float64{1, 2}, []float64{0, 1}
	// Deviations (1, 1), (1, −1), (−1, 1), (−1, −1) of the mean (0, 5), mixed to
	// (a, 5 + a + b): Σ = [1 1; 1 2].
	x := []float64{1, 7, 1, 5, -1, 5, -1, 3}
	checkClose(t, "covariance", flat(config.Covariance(x)), []float64{1, 1, 1, 2}, exact)
	y := config.Train(append(x, x...), []int{4, 4}, state)
	// Σ′ = 0.999 Σ + 0.001 I has l₁₁ = 1, l₂₁ = 0.999, l₂₂² = 1.999 − 0.999².
	z := (2 - 0.999*1) / math.Sqrt(1.999-0.999*0.999)
	checkClose(t, "first row", y[:2], []float64{1, 2*z + 1}, exact)
	checkClose(t, "running mean", state.RunningMean[1], []float64{0, 0.5}, exact)
	checkClose(t, "running covariance", flat(state.RunningCovariance[1]), []float64{1, 0.1, 0.1, 1.1}, exact)
	checkClose(t, "running variance", state.RunningVariance[1], []float64{1, 1.1}, exact)
}

func flat(rows [][]float64) []float64 {
	var out []float64
	for _, row := range rows {
		out = append(out, row...)
	}
	return out
}

func TestDerivative(t *testing.T) {
	p := 0.7
	got := oracle.Derivative(func() float64 { return math.Sin(p) }, &p, 1e-3)
	checkClose(t, "cosine", []float64{got}, []float64{math.Cos(0.7)}, 1e-11)
	if p != 0.7 {
		t.Errorf("p was left at %v", p)
	}
}

func TestMisusePanics(t *testing.T) {
	good := oracle.DefaultConfig(4)
	state := good.NewState()
	x := make([]float64, 16)
	edited := func(edit func(*oracle.Config)) oracle.Config {
		config := good
		edit(&config)
		return config
	}
	for name, call := range map[string]func(){
		"group":        func() { edited(func(c *oracle.Config) { c.Group = 3 }).NewState() },
		"distance":     func() { edited(func(c *oracle.Config) { c.Distance = "l3" }).NewState() },
		"mixing":       func() { edited(func(c *oracle.Config) { c.Mixing = "" }).NewState() },
		"statistic":    func() { edited(func(c *oracle.Config) { c.Statistic = "" }).NewState() },
		"whitening":    func() { edited(func(c *oracle.Config) { c.Norm, c.Whitening = oracle.DWT, 3 }).NewState() },
		"norm":         func() { edited(func(c *oracle.Config) { c.Norm = "gn" }).NewState() },
		"one domain":   func() { edited(func(c *oracle.Config) { c.Domains = 1 }).NewState() },
		"domain count": func() { good.Train(x, []int{2, 1, 1}, state) },
		"row count":    func() { good.Train(x, []int{2, 3}, state) },
		"no rows":      func() { good.Train(x, []int{4, 0}, state) },
		"single value": func() { good.Train(x, []int{3, 1}, state) },
		"domain":       func() { good.Infer(x, 2, state) },
		"channels":     func() { good.Infer(x[:7], 0, state) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: expected a panic", name)
				}
			}()
			call()
		}()
	}
}

func ExampleConfig_Train() {
	config := oracle.DefaultConfig(1)
	state := config.NewState()
	state.MeanGate[0][0] = 0.5                     // half of domain 1's mean
	x, sizes := []float64{1, 3, 4, 8}, []int{2, 2} // means 2 and 6, variances 2 and 8
	fmt.Printf("%.3f\n", config.Train(x, sizes, state))
	fmt.Printf("%.1f %.1f\n", state.RunningMean, state.RunningVariance)
	// Output:
	// [-2.121 -0.707 -0.707 0.707]
	// [[0.4] [0.6]] [[1.1] [1.7]]
}
