"""Compares the PyTorch layer with golden numbers of the authors' code: a training run of RN in float64, then inference.

Golden files are JSON, as they are or compressed with gzip; their arrays are {"shape": [...], "data": [row-major values]}.
"""
import gzip
import json
import pathlib

DOMAINS = 'source', 'target'
TOLERANCE = 1e-8  # the files keep 12 digits; the widest case agrees to 1e-9


def read(path):
    """The golden case of a file. Cases that the PyTorch layer does not cover are refused."""
    data = pathlib.Path(path).read_bytes()
    case = json.loads(gzip.decompress(data) if data.startswith(b'\x1f\x8b') else data)
    if case.get('kind') != 'layer' or case.get('distance') != 'l2':
        raise ValueError(f'{path}: want a layer with distance l2, which is all that the PyTorch layer has')
    return case


def worst(path):
    """The largest difference of any output, gradient or running statistic of a case, relative to values above 1."""
    import torch

    import reciprocal

    def tensor(array):
        return torch.tensor(array['data'], dtype=torch.float64).reshape(array['shape'])

    def pair(values, name):
        return torch.stack([tensor(values[f'{name}_{domain}']) for domain in DOMAINS])

    differences = []

    def compare(got, want):
        if got.shape != want.shape:
            raise ValueError(f'{path}: shape {tuple(got.shape)}, want {tuple(want.shape)}')
        differences.append(((got - want).abs() / want.abs().clamp(min=1)).max().item())

    case = read(path)
    init = case['init']
    layer = reciprocal.ReciprocalNorm(case['channels'], case['momentum'], case['epsilon']).double()
    if layer.group != case['group']:
        raise ValueError(f'{path}: groups of {case["group"]} channels, the layer has {layer.group}')
    with torch.no_grad():
        layer.gamma.copy_(tensor(init['gamma']))
        layer.beta.copy_(tensor(init['beta']))
        layer.mean_gate.copy_(pair(init, 'mean_gate'))
        layer.var_gate.copy_(pair(init, 'var_gate'))
    for step in case['steps']:
        layer.zero_grad()
        x = tensor(step['x']).requires_grad_()
        y = layer(x)
        (y * tensor(step['upstream'])).sum().backward()
        compare(y.detach(), tensor(step['y']))
        compare(x.grad, tensor(step['grad_x']))
        for name, parameter in ('gamma', layer.gamma), ('beta', layer.beta):
            compare(parameter.grad, tensor(step[f'grad_{name}']))
        for name, parameter in ('mean_gate', layer.mean_gate), ('var_gate', layer.var_gate):
            compare(parameter.grad, pair(step, f'grad_{name}'))
        for name in 'running_mean', 'running_var':
            compare(getattr(layer, name), pair(step, name))
    layer.eval()
    with torch.no_grad():
        compare(layer(tensor(case['eval']['x'])), tensor(case['eval']['y']))
    return max(differences)
