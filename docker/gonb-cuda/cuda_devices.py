#!/usr/bin/env python3
"""Compile a training step that several NVIDIA H100 share, on a machine that has no GPU.

    rn lower --devices 2 ... --file STEP.pb
    cuda_devices.py TOOL STEP.pb [DEVICES]

TOOL is cuda_aot_check.py, which knows the target. Prints a JSON line: seconds, the bytes of arguments, outputs and
temporaries of each device, and how often devices exchange what. DEVICES is 2 unless it is said.
"""
import collections, importlib.util, json, os, re, sys, time

os.environ['JAX_PLATFORMS'] = 'cpu'
os.environ['XLA_FLAGS'] = '--xla_gpu_autotune_level=0'


def load(path):
    spec = importlib.util.spec_from_file_location('tool', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(tool, path, devices):
    import jax_plugins.xla_cuda12 as plugin
    import numpy as np
    from jax._src.interpreters import mlir as jmlir
    from jaxlib import xla_client as xc
    from jaxlib.mlir import ir
    api = xc.load_pjrt_plugin_dynamically('cuda', os.path.join(os.path.dirname(plugin.__file__), 'xla_cuda_plugin.so'))
    xc.initialize_pjrt_plugin('cuda')
    target = {'target_config': tool.TARGET, 'topology': f'1x1x{devices}'}  # one host
    gpus = xc._xla.get_c_api_topology(api, 'h100', target)._make_compile_only_devices()
    text = xc._xla.mlir.xla_computation_to_mlir_module(xc.XlaComputation(tool.module_proto(path)))
    with jmlir.make_ir_context():
        module = ir.Module.parse(text)
    options = xc.CompileOptions()
    options.num_replicas, options.num_partitions = 1, devices
    options.executable_build_options.use_spmd_partitioning = True
    options.executable_build_options.use_shardy_partitioner = True
    options.device_assignment = xc.DeviceAssignment.create(np.arange(devices, dtype=np.int32)[None])
    start = time.time()
    executable = gpus[0].client.compile(module, xc._xla.DeviceList(tuple(gpus[:devices])), options)
    seconds = time.time() - start
    memory, hlo = executable.get_compiled_memory_stats(), executable.hlo_modules()[0].to_string()
    exchanged = re.findall(r' (all-reduce|all-gather|all-to-all|collective-permute|reduce-scatter)(?:-start)?\(', hlo)
    return {
        'module': os.path.basename(path), 'devices': devices, 'seconds': round(seconds, 1),
        'argument_bytes': memory.argument_size_in_bytes, 'output_bytes': memory.output_size_in_bytes,
        'temp_bytes': memory.temp_size_in_bytes, 'exchanged': dict(collections.Counter(exchanged)),
    }


if __name__ == '__main__':
    print(json.dumps(main(load(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 2)))
