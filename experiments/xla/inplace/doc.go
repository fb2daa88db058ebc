// Package inplace makes XLA write the new value of a variable over the old one. A training step takes variables, such as
// weights and their momentum, and returns them updated.
//
// GoMLX donates the buffers of such variables when it executes a program. But the program must also say which output
// reuses the memory of which input, and the programs of GoMLX v0.28 and go-xla v0.4 do not: every output gets memory of
// its own while the old value still exists. [Alias] adds that to a program.
package inplace
