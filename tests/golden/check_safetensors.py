#!/usr/bin/env python3
"""Takes a ResNet-32 from Mneme to PyTorch and another one back, and compares logits. Run by hand:

    python3 tests/golden/check_safetensors.py build/apps/mneme_tests        (needs torch and safetensors)

The folder of exchange holds
    pytorch.safetensors         a state_dict saved by safetensors.torch, batch counters included
    mneme.safetensors           a network saved by Mneme, weights by the formulas of resnet.py
    mneme_logits.safetensors    Mneme's logits of both ("theirs", "ours") on formula images, in inference mode
"""

import os
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file

from resnet import ResNet, batch, set_formula_state

HEADS = (6, 4)


def trained_a_little():
    """A network whose weights and running statistics no formula knows."""
    torch.manual_seed(1)
    net = ResNet(32, HEADS).train()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for step in range(3):
        x, labels = batch(step, 8, 32, 10, torch.float32)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x), labels).backward()
        optimizer.step()
    return net.eval()


@torch.no_grad()
def distance(net, logits):
    x, _ = batch(0, 4, 32, 10, torch.float32)
    expected = net.double()(x.double())
    return ((logits.double() - expected).abs().max() / expected.abs().max()).item()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        at = lambda name: os.path.join(folder, name)
        theirs = trained_a_little()
        save_file(theirs.state_dict(), at("pytorch.safetensors"))
        subprocess.run([sys.argv[1], "--no-skip", "-tc=exchange with PyTorch"], check=True,
                       env={**os.environ, "MNEME_EXCHANGE": folder})
        ours = ResNet(32, HEADS).eval()
        ours.load_state_dict(load_file(at("mneme.safetensors")), strict=True)
        by_formula = ResNet(32, HEADS)
        set_formula_state(by_formula, buffers=True)
        same = all(torch.equal(a, b) for a, b in zip(ours.state_dict().values(), by_formula.state_dict().values()))
        logits = load_file(at("mneme_logits.safetensors"))
        to_pytorch, to_mneme = distance(ours, logits["ours"]), distance(theirs, logits["theirs"])
    print(f"saved by Mneme: load_state_dict(strict=True) took every tensor, numbers equal: {same}; "
          f"logits apart by {to_pytorch:.1e}")
    print(f"saved by PyTorch: load_state took every tensor; logits apart by {to_mneme:.1e}")
    sys.exit(0 if same and max(to_pytorch, to_mneme) < 1e-5 else 1)


if __name__ == "__main__":
    main()
