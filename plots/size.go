package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
)

// minPanel is the least height of the panels, axes included, that can be read.
const minPanel = 25 * vg.Millimeter

// figureHeight returns the options' height, or the header's plus that of the
// panels where it is left to the figure.
func figureHeight(o Options, h header, panels vg.Length) (vg.Length, error) {
	if o.Height == 0 {
		return h.height() + panels + margin, nil
	}
	height := vg.Length(o.Height) * vg.Millimeter
	if need := h.height() + minPanel + margin; height < need {
		return 0, fmt.Errorf("plots: Height %g mm leaves no room under title, subtitle and legend; give at least %.0f mm, or 0 for a fitting height", o.Height, math.Ceil(mm(need)))
	}
	return height, nil
}

// checkLabelsFit reports axis labels that are longer than their axis.
func checkLabelsFit(o Options, h header, height vg.Length, x, y string) error {
	s := textStyle(labelSize, nil)
	if room := vg.Length(o.Width)*vg.Millimeter - 2*margin - 12*labelSize/2; s.Width(x) > room {
		return fmt.Errorf("plots: x label %q is longer than the axis (%.0f mm); shorten it or raise Width", x, mm(room))
	}
	if room := height - h.height() - margin - 3*labelSize; s.Width(y) > room {
		return fmt.Errorf("plots: y label %q is longer than the axis (%.0f mm); shorten it or raise Height", y, mm(room))
	}
	return nil
}

// joinSubtitle puts the caller's subtitle before the figure's own note.
func joinSubtitle(given, note string) string {
	switch {
	case given == "":
		return note
	case note == "":
		return given
	default:
		return given + " · " + note
	}
}
