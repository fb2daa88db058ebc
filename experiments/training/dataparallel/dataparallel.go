// Package dataparallel runs a GoMLX computation on several devices of one backend, each with its share of the rows of a
// batch and a copy of every variable:
//
//	spread, err := dataparallel.New(backend, exec, 4)
//	outputs, err := spread.Call(images, labels, rate)
//
// The graph is that of one device, over the whole batch: a mean over rows is one over the rows of all devices, and so
// are the statistics of a norm, a loss and its gradients. XLA's partitioner (Shardy) splits it and adds what the
// devices have to exchange. Numbers are those of one device up to the order in which sums are taken.
//
// For a batch of several domains see rnlayer's Domains.Shards: without it the shards would be of one domain each, and
// rows of a domain would have to be sent around to stay with their share of the others.
package dataparallel

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"
	"github.com/gomlx/gomlx/ml/model"
)

// axis is the name of the mesh's one axis.
const axis = "rows"

// Exec is a computation on several devices.
type Exec struct {
	exec    *model.Exec
	mesh    *distributed.DeviceMesh
	devices int
	inputs  []*distributed.ShardingSpec // nil before it is compiled
}

// New spreads a computation that has not been called yet over the first so many devices of its backend. Inputs that
// are scalars are copied to every device, others are split along their first axis. The store of the computation must
// not have been spread before.
func New(backend compute.Backend, exec *model.Exec, devices int) (*Exec, error) {
	if err := Check(backend, devices); err != nil {
		return nil, err
	}
	mesh, err := distributed.NewDeviceMesh([]int{devices}, []string{axis})
	if err != nil {
		return nil, err
	}
	exec.AutoSharding(mesh).WithOutputShardingSpecs(distributed.NewReplicatedShardingSpec(mesh))
	return &Exec{exec: exec, mesh: mesh, devices: devices}, nil
}

// Check reports that a backend cannot compute on so many devices.
func Check(backend compute.Backend, devices int) error {
	if devices < 1 {
		return fmt.Errorf("%d devices: want at least 1", devices)
	}
	if have := backend.NumDevices(); devices > have {
		return fmt.Errorf("%d devices, but the backend %s has %d", devices, backend, have)
	}
	return nil
}

// Compile builds and compiles the graph for inputs of some shapes, those of the whole batch, without a call.
func (e *Exec) Compile(inputs ...shapes.Shape) (*graph.Graph, error) {
	specs := make([]*distributed.ShardingSpec, len(inputs))
	for i, s := range inputs {
		var err error
		if specs[i], err = e.spec(s); err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
	}
	// GoMLX v0.28.2 gives variables without a specification their store's, and asks the generator's state for its
	// store, which that does not have.
	for v := range e.exec.Store().IterVariables() {
		if v.ShardingSpec() == nil {
			if err := v.SetShardingSpec(distributed.NewReplicatedShardingSpec(e.mesh)); err != nil {
				return nil, err
			}
		}
	}
	e.exec.WithInputShardingSpecs(specs...)
	e.inputs = specs
	var all []shapes.Shape // of all devices
	for range e.devices {
		for i, s := range inputs {
			all = append(all, specs[i].ShardShape(s))
		}
	}
	return e.exec.Compile(all...)
}

// Call computes on inputs and returns the outputs. The first call compiles, if that was not done.
func (e *Exec) Call(inputs ...*tensors.Tensor) (outputs []*tensors.Tensor, err error) {
	if e.inputs == nil {
		var all []shapes.Shape
		for _, x := range inputs {
			all = append(all, x.Shape())
		}
		if _, err := e.Compile(all...); err != nil {
			return nil, err
		}
	}
	if len(inputs) != len(e.inputs) {
		return nil, fmt.Errorf("%d inputs, want %d", len(inputs), len(e.inputs))
	}
	var args []any
	defer func() {
		for _, arg := range args {
			err = errors.Join(err, arg.(*dtensor.Tensor).FinalizeAll())
		}
	}()
	for i, x := range inputs {
		shards, err := dtensor.ShardTensor(e.inputs[i], x)
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
		args = append(args, shards)
	}
	all, err := e.exec.Call(args...)
	if err != nil {
		return nil, err
	}
	each := len(all) / e.devices // the same on all devices
	for _, more := range all[each:] {
		if err := more.FinalizeAll(); err != nil {
			return nil, err
		}
	}
	return all[:each], nil
}

// spec says how an input is spread.
func (e *Exec) spec(s shapes.Shape) (*distributed.ShardingSpec, error) {
	if s.IsScalar() {
		return distributed.NewReplicatedShardingSpec(e.mesh), nil
	}
	if s.Dim(0)%e.devices != 0 {
		return nil, fmt.Errorf("the rows of shape %s do not divide among %d devices", s, e.devices)
	}
	axes := make([]distributed.AxisSpec, s.Rank()) // all of them: ShardShape asks for it
	axes[0] = distributed.AxisSpec{axis}
	return distributed.NewShardingSpec(e.mesh, axes...)
}
