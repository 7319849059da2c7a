#!/usr/bin/env python3
"""Writes small.safetensors with PyTorch: one tensor of each type that engine/safetensors.h reads.

    python3 tests/golden/make_safetensors.py        (needs torch and safetensors)

tests/engine/test_safetensors.cpp states the numbers.
"""

import pathlib

import torch
from safetensors.torch import save_file

tensors = {
    "layer.weight": torch.arange(24, dtype=torch.float32).reshape(2, 3, 2, 2) / 8 - 1,
    "double": torch.tensor([1 / 3, -1e300, float("inf")], dtype=torch.float64),
    "scalar": torch.tensor(2.5, dtype=torch.float32),
    "empty": torch.zeros(0, 4),
    "bytes": torch.tensor([[0, 127], [128, 255]], dtype=torch.uint8),
    "int": torch.tensor([-2147483648, 0, 2147483647], dtype=torch.int32),
    "long": torch.tensor([-5, 7], dtype=torch.int64),
    # halves: 1/3 rounded, largest, smallest normal, largest and smallest subnormal, minus zero, infinity
    "half": torch.tensor(
        [1 / 3, 65504, 2.0**-14, 2.0**-14 - 2.0**-24, 2.0**-24, -0.0, -float("inf")], dtype=torch.float16),
    "bfloat": torch.tensor([1 / 3, -3e38, 1e-40], dtype=torch.bfloat16),
}
metadata = {"format": "pt", "made_by": "tests/golden/make_safetensors.py", "torch": torch.__version__.split("+")[0]}
save_file(tensors, pathlib.Path(__file__).parent / "small.safetensors", metadata=metadata)
for name in ("half", "bfloat"):
    print(name, tensors[name].double().tolist())
