// Package input turns a configuration's domains into batches of tensors: it finds
// and digests the images ([Find]), reads them in training ([Batches]) and passes
// them through a network in tests ([Forward]).
package input
