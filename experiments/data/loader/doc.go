// Package loader reads the batches of the steps ahead, in parallel.
//
// Workers read single examples, so that one slow photograph does not keep a
// whole batch waiting. What they read does not depend on how many they are: the
// schedule says what a step's batch is, and what an example's augmentation draws
// is a function of the seed, the step and the place in the batch alone. A loader
// that starts at a later step gives what one from the first step on would have
// given there.
//
// At most Options.Ahead+1 batches are in memory beside those that were handed
// out, and their buffers are used again once [Loader.Recycle] returns them.
//
// The folder torchvision measures the same work in a torch DataLoader.
package loader
