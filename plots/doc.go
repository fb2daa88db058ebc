// Package plots draws the figures of a domain-adaptation study from plain
// slices.
//
//	results   [Curves]         a quantity over training, with a band over seeds
//	          [Bars]           grouped bars with error bars
//	          [Intervals]      the rows of an ablation with confidence intervals
//	          [Confusion]      a confusion matrix
//	          [Reliability]    a reliability diagram
//	layers    [Correlation]    the channel correlation P as a heatmap
//	          [Alignment]      the share of channels that match their own index
//	          [Gates]          gates by layer
//	          [GateHistories]  gates over training
//	          [Statistics]     running statistics of two domains
//	          [ADistance]      proxy A-distances
//	features  [Embedding]      points in the plane by domain and class
//
// Each function returns a [Figure], which writes itself as SVG or PNG. Its file
// has the name of the function; the axes, grids, lines, markers, bars and
// labels are plotters of gonum/plot, and the internal package layout places
// what surrounds them.
//
// # Size and type
//
// [Options] give the width and height in millimetres. The default width, 85 mm,
// is a column of a two-column paper; no text is smaller than 7 pt at that
// width. The font is Liberation Sans, which has the metrics of Arial and
// Helvetica: the SVG names all three, so that the layout holds with any of them
// installed.
//
// # Colours
//
// Every figure comes in a light and a dark [Theme]. Categories use the palette
// of Okabe and Ito (Color Universal Design, 2008), which people with any common
// colour-vision deficiency can tell apart. Curves also differ in dash pattern
// and marker, series of rows in marker, and points of an embedding in shape and
// label, so that a grey print stays readable. Heatmaps use viridis (the default
// map of matplotlib since 2.0), whose lightness grows linearly with the value.
//
// # Determinism
//
// The same data and options give the same bytes. Nothing depends on the clock,
// the environment or installed fonts.
//
// # Errors
//
// Data that cannot be drawn (empty, ragged, NaN or infinite values, names too
// long for the figure) give one error that names the value and says what to
// change. No figure drops or clips data silently.
package plots
