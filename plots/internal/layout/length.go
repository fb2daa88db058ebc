package layout

import "gonum.org/v1/plot/vg"

const (
	// Margin is the empty border of a figure.
	Margin = vg.Length(4)
	// PanelGap separates panels that stand beside each other.
	PanelGap = vg.Length(10)
	// LeastHeight is the lowest panel, axes included, that can be read.
	LeastHeight = 25 * vg.Millimeter
	// LeastWidth is the narrowest panel that can be read.
	LeastWidth = 16 * vg.Millimeter

	// TickLength is the length of a tick mark.
	TickLength = vg.Length(2.5)

	axisWidth = vg.Length(0.6)
	gridWidth = vg.Length(0.4)
)

// MM converts a length on the canvas to millimetres.
func MM(l vg.Length) float64 { return float64(l / vg.Millimeter) }
