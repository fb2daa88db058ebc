// Package platform gives the rest of the project its compute backend. It installs XLA's plugins ([Setup], [SetupCUDA]),
// makes a GoMLX backend ([New]), describes it for results files ([Describe]) and reports what a machine lacks
// ([Diagnose]).
//
// XLA comes as a PJRT plugin, a shared library. New looks for it in the folders of $PJRT_PLUGIN_LIBRARY_PATH, then where
// Setup and SetupCUDA install it, then where go-xla's own installer does, then in $LD_LIBRARY_PATH.
//
// New puts three hooks around the compiler of the CPU plugin, see package forward: programs update variables in place
// (package inplace), executables are kept on disk for the next process (package cache), and the memory that compiling
// took goes back to the system (package hostmemory).
package platform
