#!/usr/bin/env python3
"""Writes exemplar_learning.json: how exemplars' pixels learn, by PyTorch's double backward, float64.

    python3 tests/golden/make_exemplar_learning.py

The network and images of make_importance.py, two tasks of which nothing was learned. Exemplars are the first two images
of each class. See incremental/training/exemplar_learning.h; tests/incremental/training/test_exemplar_learning.cpp does the same.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

from make_importance import Net, images_of

STEP, RATE, RELEASED_RATE, MOMENTUM, DECAY = 0.7, 2.0, 40.0, 0.9, 5e-4
DEVIATION = 0.25  # images are (p / 255 - 0.5) / 0.25


def logits(weights, x):
    f = F.relu(F.linear(x, *weights[:2]))
    return torch.cat([F.linear(f, *weights[i:i + 2]) for i in range(2, len(weights), 2)], 1)


def through_step(weights, exemplars, judges):
    x = exemplars[0].clone().requires_grad_()
    loss = F.cross_entropy(logits(weights, x), exemplars[1])
    gradients = torch.autograd.grad(loss, weights, create_graph=True)
    ahead = [w - STEP * g for w, g in zip(weights, gradients)]
    judged = F.cross_entropy(logits(ahead, judges[0]), judges[1])
    return judged.item(), torch.autograd.grad(judged, x)[0]


def pixels(x):
    return (255 * (DEVIATION * x + 0.5)).reshape(-1).tolist()


def by_steps(weights, old, new, fresh):
    (xo, yo), (xn, yn) = old, new
    xn = xn - RATE * through_step(weights, new, fresh)[1]
    one, other = [0, 2], [1, 3]  # old exemplars lie class by class
    for mine, theirs in ((one, other), (other, one)):
        moved = xo.clone()
        moved[mine] -= RATE * through_step(weights, (xo[mine], yo[mine]), (xo[theirs], yo[theirs]))[1]
        xo = moved
    return pixels(torch.cat([xo, xn]))


def by_means(weights, old, new, fresh):
    features = lambda x: F.relu(F.linear(x, *weights[:2]))
    (xo, yo), (xn, yn) = old, new
    judges = torch.cat([fresh[0], xo]), torch.cat([fresh[1], yo])
    velocity = torch.zeros_like(xn)
    for epoch in range(2):
        x = xn.clone().requires_grad_()
        all_features = features(torch.cat([xo, x]))
        means = torch.stack([all_features[torch.cat([yo, yn]) == c].mean(0) for c in range(4)])
        queries = judges[0].clone()
        queries[:6][[0, 2, 1, 3]] = xn  # an exemplar among the images of its own task is used with its present pixels
        cosines = F.normalize(features(queries)) @ F.normalize(means).T
        gradient = torch.autograd.grad(F.cross_entropy(cosines, judges[1]), x)[0]
        velocity = MOMENTUM * velocity + gradient + DECAY * xn
        xn = xn - RELEASED_RATE * 0.5 ** epoch * velocity
    return [int(p) % 256 for p in pixels(torch.cat([xo.detach(), xn.detach()]) + 1e-12)]


def main():
    torch.set_num_threads(1)
    net = Net()
    net.add_head()
    net.add_head()
    weights = net.backbone + net.heads[0] + net.heads[1]
    first, second = images_of(0), images_of(1)
    kept = [0, 2, 1, 3]  # class by class
    old, new = (first[0][kept], first[1][kept]), (second[0][kept], second[1][kept])
    judged, gradient = through_step(weights, new, second)
    frozen = [w.detach() for w in weights]
    out = {"made_by": "tests/golden/make_exemplar_learning.py", "torch": torch.__version__.split("+")[0],
           "judged": judged, "gradient": gradient.reshape(-1).tolist(),
           "by steps": by_steps(weights, old, new, second), "by means": by_means(frozen, old, new, second)}
    (pathlib.Path(__file__).parent / "exemplar_learning.json").write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
