"""Writes small .pth and .safetensors files into this folder, with PyTorch itself.

    python -m venv V && V/bin/pip install torch==2.15.0 safetensors==0.8.0 numpy && V/bin/python torch_files.py
"""
import collections
import pathlib

import torch
from safetensors.torch import save_file

here = pathlib.Path(__file__).parent
base = torch.arange(24, dtype=torch.float32)
state = collections.OrderedDict(
    plain=base.reshape(2, 3, 4),
    transposed=base.reshape(4, 6).t(),  # strides (1, 6)
    part=base[5:8],  # an offset
    half=torch.tensor([0.5, -2, 65504], dtype=torch.float16),
    brain=torch.tensor([0.5, -2, 3e38], dtype=torch.bfloat16),
    double=torch.tensor([1 / 3], dtype=torch.float64),
    count=torch.tensor(7),  # a scalar, int64
    parameter=torch.nn.Parameter(torch.tensor([1.0, 2.0])),
)
state._metadata = {"": {"version": 1}}
torch.save(state, here / "state.pth")
torch.save({"epoch": 3, "state_dict": {"module." + k: v for k, v in state.items()}}, here / "checkpoint.pth")
torch.save(torch.nn.Linear(1, 1), here / "module.pth")
torch.save(state, here / "old.pth", _use_new_zipfile_serialization=False)
save_file({k: v.detach().clone().contiguous() for k, v in state.items()}, here / "state.safetensors")
