// Package training turns a configuration into a network that learns: [Prepare]
// resolves the configuration once, [New] compiles the training step and the
// prediction, [Load] reads what the network reads. The optimizer, the objectives
// and checkpoints are packages of their own below this one.
package training
