package objective

// Parts that external tests use directly.
var (
	MLP         = mlp
	RandomLayer = randomLayer
)
