#!/usr/bin/env python3
"""Compiles programs for NVIDIA H100 GPUs on a machine without a GPU.

    rn lower ... --file STEP.pb
    cuda_compile.py [--devices N] STEP.pb...

A program is a serialized HloProto, as `rn lower` writes it. Prints one line of JSON per program: whether it compiles and how long that takes; the
bytes of arguments, outputs and temporaries on each device; the number of kernels that the entry computation launches, as fusions and library
calls; and, with several devices, how often these communicate.

XLA's compiler can abort, so each program is compiled in a process of its own: with XLA's default flags, and if that fails once more with
products left to the libraries instead of Triton. The exit status is 1 if a program does not compile with the default flags.

Needs the packages of requirements-check.txt. Kernels are not timed against each other (autotuning), which needs a GPU.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import time

TARGET = pathlib.Path(__file__).with_name('h100.txtpb')
NO_AUTOTUNING = '--xla_gpu_autotune_level=0'
ATTEMPTS = '', '--xla_gpu_enable_triton_gemm=false'
TIMEOUT = 1500  # seconds for one attempt
EXCHANGES = 'all-reduce|all-gather|all-to-all|collective-permute|reduce-scatter'


def module_proto(data):
    """The HloModuleProto of a serialized HloProto, whose first field it is."""
    if data[:1] != b'\x0a':
        raise ValueError('not an HloProto: it does not begin with a module')
    at, length, shift = 1, 0, 0
    for at, byte in enumerate(data[1:11], 2):  # a varint
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    module = data[at:at + length]
    if not module or len(module) < length:
        raise ValueError(f'not an HloProto: {len(module)} of {length} bytes of its module are there')
    return module


def kernels(text):
    """Counts what the entry computation of an optimized module launches, and its exchanges between devices."""
    entry = text[text.index('\nENTRY'):]
    exchanges = collections.Counter(re.findall(rf' ({EXCHANGES})(?:-start)?\(', text))
    return {
        'fusions': len(re.findall(r' fusion\(', entry)), 'custom_calls': len(re.findall(r' custom-call\(', entry)),
        **({'exchanges': dict(exchanges)} if exchanges else {}),
    }


def compile_program(path, devices):
    """Compiles in this process, which has to have XLA_FLAGS and JAX_PLATFORMS in its environment."""
    import numpy
    from jax._src.interpreters import mlir
    from jax.experimental import topologies
    from jaxlib import xla_client
    from jaxlib.mlir import ir

    topology = topologies.get_topology_desc('h100', 'cuda', target_config=TARGET.read_text(encoding='utf-8'), topology=f'1x1x{devices}')
    computation = xla_client.XlaComputation(module_proto(pathlib.Path(path).read_bytes()))
    with mlir.make_ir_context():
        module = ir.Module.parse(xla_client._xla.mlir.xla_computation_to_mlir_module(computation))
    options = xla_client.CompileOptions()
    options.num_replicas, options.num_partitions = 1, devices
    options.device_assignment = xla_client.DeviceAssignment.create(numpy.arange(devices, dtype=numpy.int32)[None])
    if devices > 1:
        options.executable_build_options.use_spmd_partitioning = True
        options.executable_build_options.use_shardy_partitioner = True
    began = time.monotonic()
    executable = topology.devices[0].client.compile(module, xla_client._xla.DeviceList(tuple(topology.devices)), options)
    seconds = time.monotonic() - began
    memory = executable.get_compiled_memory_stats()
    return {
        'seconds': round(seconds, 1), 'argument_bytes': memory.argument_size_in_bytes, 'output_bytes': memory.output_size_in_bytes,
        'temp_bytes': memory.temp_size_in_bytes, **kernels(executable.hlo_modules()[0].to_string()),
    }


def attempt(command, flags):
    """Runs the command that compiles a program: what it found, or why it failed."""
    environment = {**os.environ, 'JAX_PLATFORMS': 'cpu', 'XLA_FLAGS': f'{NO_AUTOTUNING} {flags}'.strip()}
    try:
        process = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return None, f'not compiled after {TIMEOUT} s'
    if process.returncode == 0:
        return json.loads(process.stdout), None
    return None, f'exit status {process.returncode}: {reason(process.stderr)[:300]}'


def reason(stderr):
    """The line that tells why a compiler died: of an abort the failed check, else the last error."""
    lines = stderr.strip().splitlines() or ['no message']
    aborts, errors = [line for line in lines if 'Check failed' in line], [line for line in lines if 'Error: ' in line]
    return (aborts[:1] or errors[-1:] or lines[-1:])[0]


def result(name, command):
    """The line of a program: the first attempt that compiles it, and those that failed before."""
    failures = []
    for flags in ATTEMPTS:
        found, why = attempt(command, flags)
        if found is not None:
            return {'module': name, 'ok': True, 'flags': flags or 'default', **found, **({'failures': failures} if failures else {})}
        failures.append({'flags': flags or 'default', 'why': why})
    return {'module': name, 'ok': False, 'failures': failures}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--devices', type=int, default=1, metavar='N', help='GPUs of one host that share the program')
    parser.add_argument('--here', action='store_true', help=argparse.SUPPRESS)  # compile in this process
    parser.add_argument('programs', nargs='+', metavar='STEP.pb')
    options = parser.parse_args()
    if options.here:
        print(json.dumps(compile_program(options.programs[0], options.devices)))
        return
    clean = True
    for program in options.programs:
        command = [sys.executable, __file__, '--here', '--devices', str(options.devices), program]
        found = result(os.path.basename(program), command)
        clean &= 'failures' not in found
        print(json.dumps(found), flush=True)
    sys.exit(not clean)


if __name__ == '__main__':
    main()
