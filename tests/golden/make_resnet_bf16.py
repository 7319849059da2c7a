#!/usr/bin/env python3
"""Writes resnet_bf16.json: how far PyTorch's autocast to bfloat16 leads the first steps of resnet_trajectory.json away from float64.

    python3 tests/golden/make_resnet_bf16.py

Feature maps are bfloat16 (autocast on the CPU), the pooled features, heads and loss float32. What is rounded where differs
between programs, so tests/layers/test_trajectory.cpp holds Mneme to distances from float64, not to numbers.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

from make_resnet_trajectory import SETTINGS, nudge
from resnet import ResNet, batch, set_formula_state

STEPS, NUDGED = 5, 6


def forward(net, x, half):
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        x = F.relu(net.bn1(net.conv1(x)))
        x = net.layer3(net.layer2(net.layer1(x)))
    x = x.to(net.heads[0].weight.dtype).mean((2, 3))
    return torch.cat([head(x) for head in net.heads], 1)


def train(half, seed=None):
    """Losses, and the first step's logits and gradients."""
    s, dtype = SETTINGS, torch.float32 if half else torch.float64
    net = ResNet(s["depth"], (s["classes"],)).to(dtype).train()
    set_formula_state(net, buffers=False)
    if seed is not None:
        nudge(net, seed)
    optimizer = torch.optim.SGD(net.parameters(), lr=s["lr"], momentum=s["momentum"], weight_decay=s["weight_decay"])
    losses = []
    for step in range(STEPS):
        x, labels = batch(step, s["images"], s["side"], s["classes"], dtype)
        logits = forward(net, x, half)
        loss = F.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            first = logits.detach().double(), {name: p.grad.double().clone() for name, p in net.named_parameters()}
        optimizer.step()
        losses.append(loss.item())
    return losses, *first


def main():
    torch.set_num_threads(1)
    losses, logits, gradients = train(half=False)
    runs = [train(half=True, seed=seed) for seed in range(NUDGED)]
    stored = {
        "steps": STEPS, "torch": torch.__version__,
        "loss_distance": [max(abs(run[0][i] - losses[i]) for run in runs) for i in range(STEPS)],
        "logits_distance": max((run[1] - logits).abs().max().item() for run in runs),
        # the mean over all gradients of the distance relative to the norm
        "gradient_distance": max(
            sum(((run[2][n] - g).norm() / g.norm()).item() for n, g in gradients.items()) / len(gradients) for run in runs),
    }
    path = pathlib.Path(__file__).with_name("resnet_bf16.json")
    path.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    main()
