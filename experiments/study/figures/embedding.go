package figures

import (
	"context"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/study/tsne"
	"github.com/reciprocalnorm/rn/plots"
)

// EmbeddingOptions select the images of [Embedding] and the settings of t-SNE.
type EmbeddingOptions struct {
	// Features select the images. t-SNE uses the same seed.
	Features experiments.FeatureOptions
	// Perplexity and Iterations are settings of t-SNE; 0 means its defaults.
	Perplexity float64
	Iterations int
}

// embedded is the JSON of an embedding.
type embedded struct {
	Domains [2]string       `json:"domains"`
	Classes []string        `json:"classes"`
	Points  []embeddedPoint `json:"points"`
	// KL is the divergence KL(P‖Q) of the embedding, in nats.
	KL float64 `json:"kl"`
}

// embeddedPoint is the place of a test image. Domain 0 is the source, 1 the target.
type embeddedPoint struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Domain int     `json:"domain"`
	Class  int     `json:"class"`
	Image  int     `json:"image"`
}

// embed computes the embedding of the features of a run.
func embed(ctx context.Context, s *experiments.Saved, e EmbeddingOptions) (embedded, error) {
	features, err := s.Features(ctx, e.Features)
	if err != nil {
		return embedded{}, err
	}
	found := embedded{Domains: features.Domains, Classes: features.Classes}
	var rows [][]float64
	for domain, values := range features.Values {
		for i, row := range values {
			rows = append(rows, row)
			found.Points = append(found.Points, embeddedPoint{
				Domain: domain, Class: int(features.Labels[domain][i]), Image: features.Indices[domain][i],
			})
		}
	}
	places, err := tsne.Embed(ctx, rows, tsne.Options{Perplexity: e.Perplexity, Iterations: e.Iterations, Seed: e.Features.Seed})
	if err != nil {
		return embedded{}, err
	}
	found.KL = places.KL
	for i, at := range places.Places {
		found.Points[i].X, found.Points[i].Y = at[0], at[1]
	}
	return found, nil
}

// figure draws the points.
func (e embedded) figure(o plots.Options) (*plots.Figure, error) {
	points := make([]plots.Point, len(e.Points))
	for i, p := range e.Points {
		points[i] = plots.Point{X: p.X, Y: p.Y, Domain: p.Domain, Class: p.Class}
	}
	return plots.Embedding(points, plots.EmbeddingOptions{Options: o, Domains: e.Domains[:], Classes: e.Classes})
}

// Embedding draws the t-SNE embedding of the features of test images of both
// domains.
func Embedding(ctx context.Context, s *experiments.Saved, e EmbeddingOptions, o plots.Options) (*plots.Figure, error) {
	found, err := embed(ctx, s, e)
	if err != nil {
		return nil, err
	}
	return found.figure(o)
}

func drawEmbedding(ctx context.Context, in Input) (Drawing, error) {
	return in.ofRun(func(s *experiments.Saved) (Drawing, error) {
		found, err := embed(ctx, s, in.Embedding)
		if err != nil {
			return Drawing{}, err
		}
		f, err := found.figure(in.titled("%s", runTitle(s.Config)))
		return drawing(f, found, err)
	})
}
