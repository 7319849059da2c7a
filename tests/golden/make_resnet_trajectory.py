#!/usr/bin/env python3
"""Writes resnet_trajectory.json: twenty SGD steps of a ResNet-32 in PyTorch, in float64 and in float32.

    python3 tests/golden/make_resnet_trajectory.py

Weights and batches are formulas (resnet.py), so only results are stored. tests/layers/test_trajectory.cpp repeats the
run. The images are 16 pixels a side: all layers of ResNet-32 take part, at a quarter of the cost.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

from resnet import ResNet, batch, set_formula_state

SETTINGS = {
    "depth": 32, "classes": 10, "images": 8, "side": 16, "steps": 20, "lr": 0.05, "momentum": 0.9, "weight_decay": 5e-4
}


@torch.no_grad()
def nudge(net, seed):
    """Moves every weight by up to half a unit in its last place."""
    generator = torch.Generator().manual_seed(seed)
    for p in net.parameters():
        p.mul_(1 + 2.0**-24 * (2 * torch.rand(p.shape, generator=generator, dtype=p.dtype) - 1))


def train(dtype, channels_last=False, nudged_by=None):
    s = SETTINGS
    net = ResNet(s["depth"], (s["classes"],)).to(dtype).train()
    set_formula_state(net, buffers=False)
    if nudged_by is not None:
        nudge(net, nudged_by)
    if channels_last:
        net = net.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(net.parameters(), lr=s["lr"], momentum=s["momentum"], weight_decay=s["weight_decay"])
    losses, first = [], {}
    for step in range(s["steps"]):
        x, labels = batch(step, s["images"], s["side"], s["classes"], dtype)
        logits = net(x)
        loss = F.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            first = {"logits": logits.detach().flatten().tolist(),
                     "gradient_norms": {name: p.grad.norm().item() for name, p in net.named_parameters()}}
        optimizer.step()
        losses.append(loss.item())
    final = {name: t.detach().norm().item() for name, t in net.state_dict().items() if t.is_floating_point()}
    return losses, first, final


def main():
    torch.set_num_threads(1)
    losses, first, final = train(torch.float64)
    # Where and when a ReLU first flips is a matter of luck: several float32 runs show how far rounding may lead.
    single = {f"nudged {seed}": train(torch.float32, nudged_by=seed)[0] for seed in range(8)}
    for mkldnn in (True, False):
        for channels_last in (False, True):
            torch.backends.mkldnn.enabled = mkldnn
            name = ("mkldnn" if mkldnn else "native") + (", channels last" if channels_last else "")
            single[name] = train(torch.float32, channels_last)[0]
    out = {
        "made_by": "tests/golden/make_resnet_trajectory.py",
        "torch": torch.__version__.split("+")[0],
        "settings": SETTINGS,
        "losses": losses,
        "float32_losses": single,
        "first_logits": first["logits"],
        "first_gradient_norms": first["gradient_norms"],
        "final_norms": final,
    }
    path = pathlib.Path(__file__).parent / "resnet_trajectory.json"
    lines = [f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in out.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print("float64", losses)
    for name, values in single.items():
        distances = [abs(a - b) for a, b in zip(values, losses)]
        print(name, max(distances), [f"{d:.1e}" for d in distances])


if __name__ == "__main__":
    main()
