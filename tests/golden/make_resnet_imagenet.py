#!/usr/bin/env python3
"""Writes resnet_imagenet.json: torchvision's ResNet-18, -34 and -50 in float64, forward, backward and in inference.

    python3 tests/golden/make_resnet_imagenet.py        (needs torch and torchvision)

Weights and images are formulas (resnet.py); what is stored of a tensor is its Euclidean norm and its product with a
drawn vector, which no error leaves both alone. tests/layers/test_torchvision.cpp computes the same.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F
import torchvision

from formula import drawn
from resnet import batch, formula_values

SETTINGS = {"classes": 10, "images": 2, "side": 64}


@torch.no_grad()
def set_state(net, buffers):
    """formula_values() with our names of parameters: torchvision's last layer is our first head."""
    for name, tensor in list(net.named_parameters()) + (list(net.named_buffers()) if buffers else []):
        if tensor.is_floating_point():
            ours = name.replace("fc.", "heads.0.")
            tensor.copy_(formula_values(ours, tuple(tensor.shape)))


def digest(name, tensor):
    """[norm, product with the vector drawn for `name`]"""
    flat = tensor.detach().flatten()
    return [flat.norm().item(), torch.dot(flat, torch.from_numpy(drawn("probe/" + name, flat.numel()))).item()]


def make(depth, buffers):
    net = getattr(torchvision.models, f"resnet{depth}")(num_classes=SETTINGS["classes"]).double()
    set_state(net, buffers)
    return net


def measured(depth):
    images, labels = batch(0, SETTINGS["images"], SETTINGS["side"], SETTINGS["classes"], torch.float64)
    net = make(depth, buffers=False).train()
    maps = {}
    for stage in range(1, 5):
        getattr(net, f"layer{stage}").register_forward_hook(
            lambda _, __, y, stage=stage: maps.update({f"layer{stage}": digest(f"layer{stage}", y)}))
    logits = net(images)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    out = {
        "state": {name: list(t.shape) for name, t in net.state_dict().items() if t.is_floating_point()},
        "loss": loss.item(),
        "logits": logits.detach().flatten().tolist(),
        "maps": maps,
        "gradients": {name: digest(name, p.grad) for name, p in net.named_parameters()},
        "statistics": {name: digest(name, b) for name, b in net.named_buffers() if b.is_floating_point()},
    }
    with torch.no_grad():
        out["inference_logits"] = make(depth, buffers=True).eval()(images).flatten().tolist()
    assert all(math.isfinite(v) for v in out["logits"] + out["inference_logits"])
    return out


def main():
    torch.set_num_threads(1)
    out = {
        "made_by": "tests/golden/make_resnet_imagenet.py",
        "torch": torch.__version__.split("+")[0],
        "torchvision": torchvision.__version__.split("+")[0],
        "settings": SETTINGS,
        **{f"resnet{depth}": measured(depth) for depth in (18, 34, 50)},
    }
    path = pathlib.Path(__file__).parent / "resnet_imagenet.json"
    lines = []
    for key, value in out.items():
        if key.startswith("resnet"):
            parts = [f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in value.items()]
            lines.append(f"{json.dumps(key)}: {{\n" + ",\n".join(parts) + "\n}")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value)}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
