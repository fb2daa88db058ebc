// Package dataparallel runs a GoMLX computation on several devices of one backend. Every device holds its share of the
// rows of a batch and a copy of every variable:
//
//	spread, err := dataparallel.New(backend, exec, 4)
//	outputs, err := spread.Call(images, labels, rate)
//
// The graph is written for one device and the whole batch: a mean over rows is a mean over the rows of all devices, and
// the same holds for the statistics of a norm, for losses and for gradients. XLA's partitioner (Shardy) splits the graph
// and inserts the communication between devices. Results differ from one device only in the order of summation.
//
// For a batch of several domains see rnlayer's Domains.Shards. Without it a device would hold rows of one domain only, and
// devices would have to send each other the rows of a domain to compute its statistics.
package dataparallel
