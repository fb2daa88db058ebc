"""Compiles, runs and traces a training step with jaxlib's CPU client, and measures the speed that XLA reaches on this machine."""
import glob
import os
import re
import tempfile
import time

import jax
import jax.numpy as jnp
import jaxlib
import numpy as np
from jax._src.interpreters import mlir as jax_mlir
from jaxlib import xla_client
from jaxlib.mlir import ir

import timeline

jax.config.update('jax_enable_x64', True)
VERSION = f'jaxlib {jaxlib.__version__}'
DEVICE = jax.devices('cpu')[0]


def computation(path):
    """Reads the computation in a file with a serialized HloProto, whose field 1 is the module."""
    with open(path, 'rb') as file:
        data = file.read()
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while at < len(data):
        key, length = varint(), varint()
        if key == 1 << 3 | 2:
            return xla_client.XlaComputation(data[at:at + length])
        at += length if key & 7 == 2 else 0
    raise ValueError(f'{path} has no HLO module')


class Program:
    """A compiled computation, with noise as arguments."""

    def __init__(self, computation):
        text = xla_client._xla.mlir.xla_computation_to_mlir_module(computation)
        with jax_mlir.make_ir_context():
            module = ir.Module.parse(text)
        self.executable = DEVICE.client.compile_and_load(module, xla_client._xla.DeviceList((DEVICE,)), xla_client.CompileOptions())
        rng = np.random.default_rng(0)
        self.arguments = []
        for shape in computation.program_shape().parameter_shapes():
            kind, dimensions = shape.numpy_dtype(), shape.dimensions()
            # Positive, as variances must be. Labels and counters are 0.
            values = rng.uniform(0.01, 0.1, dimensions) if np.issubdtype(kind, np.floating) else np.zeros(dimensions)
            self.arguments.append(jax.device_put(values.astype(kind), DEVICE))
        header = self.text().partition('\n')[0]
        # Pairs of argument and output for updates in place: "{1}: (5, {}, may-alias)" lets output 1 overwrite argument 5.
        self.updates = [(int(i), int(o)) for o, i in re.findall(r'\{(\d+)\}: \((\d+), \{\}', header)]

    def text(self):
        """The text of the module after optimization."""
        return self.executable.hlo_modules()[0].to_string()

    def run(self):
        """Runs a step and returns its seconds."""
        began = time.perf_counter()
        outputs = [array for [array] in self.executable.execute_sharded(self.arguments).disassemble_into_single_device_arrays()]
        for array in outputs:
            array.block_until_ready()
        took = time.perf_counter() - began
        for argument, output in self.updates:
            self.arguments[argument] = outputs[output]
        return took


def trace(programs, runs):
    """Traces steps of the programs in turn: for each program a list of pairs, the seconds and the events (in nanoseconds) of a step."""
    options = jax.profiler.ProfileOptions()
    options.python_tracer_level = 0
    with tempfile.TemporaryDirectory() as folder:
        jax.profiler.start_trace(folder, profiler_options=options)
        seconds = [program.run() for _ in range(runs) for program in programs]
        jax.profiler.stop_trace()
        [path] = glob.glob(os.path.join(folder, '**', '*.xplane.pb'), recursive=True)
        data = jax.profiler.ProfileData.from_file(path)
        steps = timeline.steps([
            timeline.Event((plane.name, number), e.name, e.start_ns, e.start_ns + e.duration_ns, dict(e.stats))
            for plane in data.planes for number, line in enumerate(plane.lines) for e in line.events])
    if len(steps) != len(seconds):
        raise ValueError(f'the trace has {len(steps)} steps, want {len(seconds)}')
    return [list(zip(seconds, steps))[i::len(programs)] for i in range(len(programs))]


def seconds(function, *arguments, runs=7):
    """The least seconds of a call after the first, which compiles. The result of a call is the first argument of the next."""
    times, first = [], arguments[0]
    for _ in range(runs + 1):
        began = time.perf_counter()
        first = jax.block_until_ready(function(first, *arguments[1:]))
        times.append(time.perf_counter() - began)
    return min(times[1:])


def product_peak(sizes=(1024, 2048, 4096)):
    """The most floating-point operations per second of a product of square float32 matrices, and the size of these."""
    found = []
    for n in sizes:
        a = jnp.full((n, n), 1 / n, jnp.float32)
        found.append((2 * n ** 3 / seconds(jax.jit(jnp.dot), a, a), n))
    return max(found)


def pass_peak(mib=256):
    """Bytes per second, read and written, of adding to an array in place."""
    x = jnp.zeros(mib << 18, jnp.float32)
    return 2 * x.nbytes / seconds(jax.jit(lambda x: x + 1, donate_argnums=0), x)
