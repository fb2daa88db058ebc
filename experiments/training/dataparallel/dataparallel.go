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

// axis is the name of the mesh's only axis.
const axis = "rows"

// Exec is a computation on several devices.
type Exec struct {
	exec    *model.Exec
	mesh    *distributed.DeviceMesh
	devices int
	inputs  []*distributed.ShardingSpec // nil until it is compiled
}

// New spreads a computation over the first devices of its backend. Call copies inputs that are scalars to every device,
// and splits other inputs along their first axis. The computation must not have been called before, and its store must
// not belong to another Exec.
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

// Check returns an error if a backend cannot compute on that number of devices.
func Check(backend compute.Backend, devices int) error {
	if devices < 1 {
		return fmt.Errorf("%d devices: want at least 1", devices)
	}
	if have := backend.NumDevices(); devices > have {
		return fmt.Errorf("%d devices, but the backend %s has %d", devices, backend, have)
	}
	return nil
}

// Compile builds and compiles the graph for the shapes of the whole batch, without executing it.
func (e *Exec) Compile(inputs ...shapes.Shape) (*graph.Graph, error) {
	specs := make([]*distributed.ShardingSpec, len(inputs))
	for i, s := range inputs {
		var err error
		if specs[i], err = e.spec(s); err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
	}
	// GoMLX v0.28.2 takes a missing specification from the variable's store, and the state of the random number generator
	// does not know its store.
	for v := range e.exec.Store().IterVariables() {
		if v.ShardingSpec() == nil {
			if err := v.SetShardingSpec(distributed.NewReplicatedShardingSpec(e.mesh)); err != nil {
				return nil, err
			}
		}
	}
	e.exec.WithInputShardingSpecs(specs...)
	var all []shapes.Shape // of all devices
	for range e.devices {
		for i, s := range inputs {
			all = append(all, specs[i].ShardShape(s))
		}
	}
	compiled, err := e.exec.Compile(all...)
	if err != nil {
		return nil, err
	}
	e.inputs = specs
	return compiled, nil
}

// Call computes on inputs and returns the outputs. It compiles first, unless an earlier call or Compile has.
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
	each := len(all) / e.devices // Every device has the same outputs.
	for _, more := range all[each:] {
		if err := more.FinalizeAll(); err != nil {
			return nil, err
		}
	}
	return all[:each], nil
}

// spec returns how an input is split among the devices.
func (e *Exec) spec(s shapes.Shape) (*distributed.ShardingSpec, error) {
	if s.IsScalar() {
		return distributed.NewReplicatedShardingSpec(e.mesh), nil
	}
	if s.Dim(0)%e.devices != 0 {
		return nil, fmt.Errorf("cannot split the rows of shape %s evenly among %d devices", s, e.devices)
	}
	axes := make([]distributed.AxisSpec, s.Rank()) // ShardShape wants every axis of the input.
	axes[0] = distributed.AxisSpec{axis}
	return distributed.NewShardingSpec(e.mesh, axes...)
}
