package weights

// torchLayout converts Keras's layout to PyTorch's: convolutions from [height, width,
// in, out] to [out, in, height, width], linear layers from [in, out] to [out, in].
func torchLayout(shape []int, values []float32) Tensor {
	switch len(shape) {
	case 2:
		return Tensor{Shape: []int{shape[1], shape[0]}, Data: swapEnds(values, shape[0], 1, shape[1])}
	case 4:
		height, width, in, out := shape[0], shape[1], shape[2], shape[3]
		return Tensor{Shape: []int{out, in, height, width}, Data: swapEnds(values, height*width, in, out)}
	default:
		return Tensor{Shape: shape, Data: values}
	}
}

// variableLayout is the inverse of torchLayout: GoMLX uses Keras's layout.
func variableLayout(t Tensor) []float32 {
	switch s := t.Shape; len(s) {
	case 2:
		return swapEnds(t.Data, s[0], 1, s[1])
	case 4:
		return swapEnds(t.Data, s[0], s[1], s[2]*s[3])
	default:
		return t.Data
	}
}

// swapEnds transposes values [a, b, c] to [c, b, a].
func swapEnds(values []float32, a, b, c int) []float32 {
	out := make([]float32, len(values))
	for i := range a {
		for j := range b {
			row := values[(i*b+j)*c:][:c]
			for k, v := range row {
				out[(k*b+j)*a+i] = v
			}
		}
	}
	return out
}
