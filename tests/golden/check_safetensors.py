#!/usr/bin/env python3
"""Takes ResNets from Mneme to PyTorch and others back, and compares logits. Run by hand:

    python3 tests/golden/check_safetensors.py build/apps/mneme_tests        (needs torch, torchvision and safetensors)

ResNet-32 is resnet.py's, ResNet-18 and -50 are torchvision's. The folder of exchange holds, for each,
    NAME.pytorch.safetensors    a state_dict saved by safetensors.torch, batch counters included
    NAME.mneme.safetensors      a network saved by Mneme, weights by the formulas of resnet.py
    NAME.logits.safetensors     Mneme's logits of both ("theirs", "ours") on formula images, in inference mode
Names are the same on both sides, but for torchvision's last layer "fc", which is Mneme's first head, "heads.0".
"""

import os
import subprocess
import sys
import tempfile

import torch
import torchvision
from safetensors.torch import load_file, save_file

from resnet import ResNet, batch, formula_values

CLASSES = 10
SIDES = {"resnet32": 32, "resnet18": 64, "resnet50": 64}


def make(name):
    if name == "resnet32":
        return ResNet(32, (6, 4))
    return getattr(torchvision.models, name)(num_classes=CLASSES)


def to_mneme(state):
    return {name.replace("fc.", "heads.0."): tensor for name, tensor in state.items()}


def to_torchvision(state):
    return {name.replace("heads.0.", "fc."): tensor for name, tensor in state.items()}


def trained_a_little(name):
    """A network after a few steps of training, so that no formula gives its weights and running statistics."""
    torch.manual_seed(1)
    net = make(name).train()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for step in range(3):
        x, labels = batch(step, 8, SIDES[name], CLASSES, torch.float32)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x), labels).backward()
        optimizer.step()
    return net.eval()


@torch.no_grad()
def distance(net, side, logits):
    x, _ = batch(0, 4, side, CLASSES, torch.float32)
    expected = net.double()(x.double())
    return ((logits.double() - expected).abs().max() / expected.abs().max()).item()


def load(name, state):
    net = make(name).eval()
    net.load_state_dict(state if name == "resnet32" else to_torchvision(state), strict=True)
    return net


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        at = lambda name, which: os.path.join(folder, f"{name}.{which}.safetensors")
        theirs = {name: trained_a_little(name) for name in SIDES}
        for name, net in theirs.items():
            state = net.state_dict()
            save_file(state if name == "resnet32" else to_mneme(state), at(name, "pytorch"))
        subprocess.run([sys.argv[1], "--no-skip", "-tc=exchange with PyTorch"], check=True,
                       env={**os.environ, "MNEME_EXCHANGE": folder})
        for name, side in SIDES.items():
            saved = load_file(at(name, "mneme"))
            same = all(torch.equal(t, formula_values(key, tuple(t.shape)).float()) for key, t in saved.items())
            logits = load_file(at(name, "logits"))
            there, back = distance(load(name, saved), side, logits["ours"]), distance(theirs[name], side, logits["theirs"])
            print(f"{name}: saved by Mneme: load_state_dict(strict=True) took every tensor, numbers equal: {same}; logits apart by "
                  f"{there:.1e}; saved by PyTorch: load_state took every tensor; logits apart by {back:.1e}")
            good = good and same and max(there, back) < 1e-5
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
