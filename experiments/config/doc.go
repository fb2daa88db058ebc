// Package config describes a run: the [Config] that decides its numbers, the
// [Recipe] registry with the defaults of each benchmark, and the [Edit] that
// changes one field by name, which flags, --set and ablations share.
//
// The package only describes. Package training builds what a Config says.
package config
