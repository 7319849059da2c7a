#!/usr/bin/env python3
"""Writes pretrained.json: ten steps in which PyTorch fine-tunes a ResNet-14 that begins with a file's weights, in float64.

    python3 tests/golden/make_pretrained.py

The file is not stored: its numbers are formulas (resnet.py) in float32, under torchvision's names.
tests/incremental/models/test_pretrained.cpp writes it, begins with it and takes the same steps.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

from formula import drawn
from resnet import ResNet, formula_values

SETTINGS = {
    "depth": 14, "classes": 4, "images": 8, "side": 12, "steps": 10, "lr": 0.05, "momentum": 0.9, "weight_decay": 5e-4
}


def state_of_the_file(net):
    """The tensors of the file by torchvision's names."""
    state = {}
    for name, tensor in net.state_dict().items():
        if tensor.is_floating_point():
            state[name.replace("heads.0.", "fc.")] = formula_values(name, tuple(tensor.shape)).float()
    return state


def images_and_labels():
    s = SETTINGS
    values = drawn("pretrained/pixels", s["images"] * 3 * s["side"] ** 2)
    pixels = torch.tensor([int(128 + 100 * v) for v in values]).double()
    x = pixels.reshape(s["images"], 3, s["side"], s["side"])
    return (x / 255 - 0.5) / 0.25, torch.arange(s["images"]) % s["classes"]


def main():
    torch.set_num_threads(1)
    s = SETTINGS
    net = ResNet(s["depth"], (s["classes"],)).double()
    state = {name.replace("fc.", "heads.0."): t.double() for name, t in state_of_the_file(net).items()}
    left = net.load_state_dict(state, strict=False)
    assert not left.unexpected_keys and all(k.endswith("num_batches_tracked") for k in left.missing_keys), left
    sgd = torch.optim.SGD(net.parameters(), lr=s["lr"], momentum=s["momentum"], weight_decay=s["weight_decay"])
    x, labels = images_and_labels()
    losses = []
    net.train()
    for _ in range(s["steps"]):
        sgd.zero_grad()
        loss = F.cross_entropy(net(x), labels)
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    with torch.no_grad():
        logits = net.eval()(x).flatten().tolist()
    out = {"made_by": "tests/golden/make_pretrained.py", "torch": torch.__version__.split("+")[0], "settings": s,
           "losses": losses, "last_logits": logits}
    lines = [f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in out.items()]
    (pathlib.Path(__file__).parent / "pretrained.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(losses)


if __name__ == "__main__":
    main()
