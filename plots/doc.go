// Package plots draws the figures of a domain-adaptation study:
//
//   - of results: training curves with a band over seeds ([Curves]), grouped
//     bars with error bars ([Bars]), the rows of an ablation with confidence
//     intervals ([Intervals]), confusion matrices ([Confusion]) and reliability
//     diagrams ([Reliability]);
//   - of layers: the channel correlation as a heatmap ([Correlation]), the share
//     of channels that find themselves in the other domain ([Alignment]), gates
//     by layer ([Gates]) and over training ([GateHistories]), running statistics
//     of two domains ([Statistics]) and proxy A-distances ([ADistance]);
//   - of features: points in the plane by domain and class ([Embedding]).
//
// Every figure comes in a light and a dark [Theme] and is written as SVG or
// PNG, from plain slices, with the size given in millimetres. The default
// width, 85 mm, is a column of a two-column paper; no text is smaller than
// 7 pt at that width. Text is set in Liberation Sans, which is metrically equal
// to Arial and Helvetica: the SVG names all three, so that the layout holds
// where only one of the others is installed.
//
// # Colours
//
// Categories use the palette of Okabe and Ito (Color Universal Design, 2008),
// which people with any common colour-vision deficiency can tell apart; curves
// also differ in dash pattern and marker, series of rows in marker, and points
// of an embedding in shape and label, so that they read in grey. Heatmaps
// use viridis (the default map of matplotlib since 2.0), whose lightness grows
// linearly with the value.
//
// # Determinism
//
// The same data and options give the same bytes: nothing is taken from the
// clock, from the environment or from installed fonts.
//
// # Errors
//
// Data that cannot be drawn (empty, ragged, NaN or infinite values, names too
// long for the figure) gives one error that names the value and says what to
// change. Nothing is dropped or clipped silently.
package plots
