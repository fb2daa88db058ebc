// Package layout places everything around the data of a figure and fixes how
// the data look. gonum/plot draws the axes and the data; this package decides
// where they go and in which style:
//
//   - text: [Text], the font sizes, [Number] and [Percent];
//   - axes: [Range] and [Scale], tick marks ([NiceTicks], [LogTicks],
//     [IndexTicks]), [NewPanel] and [AddGrid];
//   - the page: [Header] with its [Legend] above the panels, [Multiples] for
//     small panels with the same axes, [MapCanvas] for heatmaps;
//   - colour: [Inks] of a theme, the palette of Okabe and Ito, [ColorScale]
//     with its colour bar;
//   - marks: [Series], the line, marker and band of one series.
//
// Errors of this package name the option of the figure to change and carry no
// prefix; package plots adds its own.
package layout
