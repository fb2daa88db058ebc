package plots_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/reciprocalnorm/rn/plots"
)

// domainStatistics returns the statistics of a layer whose target is shifted.
func domainStatistics(channels int) plots.DomainStatistics {
	rng := rand.New(rand.NewPCG(2, 6))
	s := plots.DomainStatistics{Source: "amazon", Target: "dslr"}
	for range channels {
		mean, logVar := rng.NormFloat64()*0.4-0.1, 1.5*rng.NormFloat64()-3
		s.SourceMean = append(s.SourceMean, mean)
		s.TargetMean = append(s.TargetMean, 0.8*mean+0.1*rng.NormFloat64())
		s.SourceVariance = append(s.SourceVariance, math.Exp(logVar))
		s.TargetVariance = append(s.TargetVariance, math.Exp(logVar-0.3+0.3*rng.NormFloat64()))
	}
	return s
}

// predictions returns confidences of an overconfident classifier.
func predictions(n int) (confidence []float64, correct []bool) {
	rng := rand.New(rand.NewPCG(8, 1))
	for range n {
		p := 1 - 0.8*math.Pow(rng.Float64(), 2.5)
		confidence, correct = append(confidence, p), append(correct, rng.Float64() < p*p)
	}
	return confidence, correct
}

// confusionMatrix returns predictions of which most are right.
func confusionMatrix(classes []string, perClass int) plots.ConfusionMatrix {
	rng := rand.New(rand.NewPCG(5, 3))
	m := plots.ConfusionMatrix{Classes: classes}
	for i := range classes {
		row := make([]int, len(classes))
		for range perClass {
			j := i
			if rng.Float64() < 0.3 {
				j = (i + int(math.Abs(rng.NormFloat64()*4))) % len(classes)
			}
			row[j]++
		}
		m.Counts = append(m.Counts, row)
	}
	return m
}

func digitNames() []string {
	var names []string
	for i := range 10 {
		names = append(names, fmt.Sprint(i))
	}
	return names
}

// officeNames are as many and as long as Office-Home's.
func officeNames() []string {
	var names []string
	for _, a := range []string{"Alarm", "Bottle", "Calculator", "Desk", "Eraser", "File", "Glass", "Hammer", "Keyboard", "Lamp", "Marker", "Notebook", "Oven"} {
		for _, b := range []string{"Clock", "Stand", "Sheet", "Cabinet", "Holder"} {
			names = append(names, a+"_"+b)
		}
	}
	return names
}

// embeddedPoints returns classes around a spiral, the target beside the source.
func embeddedPoints(classes, each int) []plots.Point {
	rng := rand.New(rand.NewPCG(1, 9))
	var points []plots.Point
	for k := range classes {
		angle, radius := 2.4*float64(k), 8*math.Sqrt(float64(k)+0.5)
		for d := range 2 {
			for range each {
				points = append(points, plots.Point{
					X:      radius*math.Cos(angle) + 2.2*float64(d) + 2.1*rng.NormFloat64(),
					Y:      radius*math.Sin(angle) + 2.1*rng.NormFloat64(),
					Domain: d, Class: k,
				})
			}
		}
	}
	return points
}

var scatterCases = []goldenCase{
	{"statistics", func(o plots.Options) (*plots.Figure, error) {
		o.Title = "layer1.0.bn1"
		return plots.Statistics(domainStatistics(256), o)
	}},
	{"reliability", func(o plots.Options) (*plots.Figure, error) {
		o.Title = "CDAN + RN, amazon → dslr"
		confidence, correct := predictions(3000)
		return plots.Reliability(confidence, correct, plots.ReliabilityOptions{Options: o})
	}},
	{"confusion", func(o plots.Options) (*plots.Figure, error) {
		o.Title = "MNIST → USPS"
		return plots.Confusion(confusionMatrix(digitNames(), 180), o)
	}},
	{"confusion_wide", func(o plots.Options) (*plots.Figure, error) {
		return plots.Confusion(confusionMatrix(officeNames(), 40), o)
	}},
	{"embedding", func(o plots.Options) (*plots.Figure, error) {
		o.Title, o.Subtitle = "Features of CDAN + RN", "t-SNE, perplexity 30"
		return plots.Embedding(embeddedPoints(10, 60),
			plots.EmbeddingOptions{Options: o, Domains: []string{"mnist", "usps"}, Classes: digitNames()})
	}},
	{"embedding_wide", func(o plots.Options) (*plots.Figure, error) {
		return plots.Embedding(embeddedPoints(31, 5),
			plots.EmbeddingOptions{Options: o, Domains: []string{"Art", "Clipart"}, Classes: officeNames()[:31]})
	}},
}
