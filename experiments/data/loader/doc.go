// Package loader reads the batches of the coming training steps in parallel.
//
// Workers read single examples, so one slow photograph does not hold up a whole
// batch. The number of workers never changes what they read: the schedule names
// the examples of each step, and the random draws of an example's augmentation
// depend only on the seed, the step and the place in the batch. A loader that
// starts at a later step yields what an uninterrupted one yields from there on.
//
// A loader keeps at most Options.Ahead+1 batches in memory besides the ones it
// has handed out, and reuses the buffers that [Loader.Recycle] returns. Loaders
// that share a [Pool] share its workers.
//
// The folder torchvision measures the same work in PyTorch's DataLoader.
package loader
