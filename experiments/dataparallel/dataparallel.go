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
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"
	"github.com/gomlx/gomlx/ml/model"
)

// axis is the name of the mesh's one axis.
const axis = "rows"

// Exec is a computation on several devices.
type Exec struct {
	backend compute.Backend
	exec    *model.Exec
	mesh    *distributed.DeviceMesh
	devices int
	ready   bool // compiled, and its variables have values
}

// New spreads a computation that has not been called yet over the first so many devices of its backend. Inputs that
// are scalars are copied to every device, others are split along their first axis. Its store must not be spread
// over other devices before.
func New(backend compute.Backend, exec *model.Exec, devices int) (*Exec, error) {
	if err := Check(backend, devices); err != nil {
		return nil, err
	}
	mesh, err := distributed.NewDeviceMesh([]int{devices}, []string{axis})
	if err != nil {
		return nil, err
	}
	exec.AutoSharding(mesh).WithOutputShardingSpecs(distributed.NewReplicatedShardingSpec(mesh))
	return &Exec{backend: backend, exec: exec, mesh: mesh, devices: devices}, nil
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

// Call computes on inputs, of the same shapes in every call, and returns the outputs.
func (e *Exec) Call(inputs ...*tensors.Tensor) (outputs []*tensors.Tensor, err error) {
	specs := make([]*distributed.ShardingSpec, len(inputs))
	args := make([]any, len(inputs))
	inputShapes := make([]shapes.Shape, len(inputs))
	defer func() {
		for _, arg := range args {
			if arg != nil {
				err = errors.Join(err, arg.(*dtensor.Tensor).FinalizeAll())
			}
		}
	}()
	for i, x := range inputs {
		if specs[i], err = e.spec(x.Shape()); err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
		shards, err := dtensor.ShardTensor(specs[i], x)
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
		args[i], inputShapes[i] = shards, shards.ShardShape()
	}
	if !e.ready {
		if err := e.compile(specs, inputShapes); err != nil {
			return nil, err
		}
	}
	all, err := e.exec.Call(args...)
	if err != nil {
		return nil, err
	}
	each := len(all) / e.devices // the same on all devices
	for _, copied := range all[each:] {
		if err := copied.FinalizeAll(); err != nil {
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
		return nil, fmt.Errorf("%d rows of shape %s do not divide among %d devices", s.Dim(0), s, e.devices)
	}
	return distributed.NewShardingSpec(e.mesh, distributed.AxisSpec{axis})
}

// compile compiles the computation for inputs of which each device has one of a shape, and gives the variables that
// it makes their first values, on one device: GoMLX v0.28.2 fails to do it on several.
func (e *Exec) compile(specs []*distributed.ShardingSpec, shard []shapes.Shape) error {
	e.exec.WithInputShardingSpecs(specs...)
	var all []shapes.Shape // of all devices
	for range e.devices {
		all = append(all, shard...)
	}
	for v := range e.exec.Store().IterVariables() { // the generator's state asks its store, which it has not
		if v.ShardingSpec() == nil {
			if err := v.SetShardingSpec(distributed.NewReplicatedShardingSpec(e.mesh)); err != nil {
				return err
			}
		}
	}
	e.ready = true
	return nil
}
