#!/usr/bin/env python3
"""Writes learned_alpha.json: how Meta-BalancedS-CE's alpha moves, by torch.optim.Adam and torch.optim.SGD in float64.

    python3 tests/golden/make_learned_alpha.py

"updates" are the values of one number after steps of the optimiser with given derivatives. "training" is a linear model
without bias (docs/methods/properties.md#meta-gradient) whose alpha takes a step before every step of the weights: the
derivative of the loss of other images after that step comes from autograd through the step, which our code never does.
"""

import json
import pathlib

import torch

from formula import drawn

torch.set_default_dtype(torch.float64)
STEPS = 12
ROWS = [
    {"optimizer": "adam", "lr": 0.01},
    {"optimizer": "adam", "lr": 0.3},
    {"optimizer": "sgd", "lr": 1.0},
]
SGD = {"lr": 0.5, "momentum": 0.9, "weight_decay": 0.01, "nesterov": False}
COUNTS = torch.tensor([2.0, 2.0, 10.0])
OLD = torch.tensor([True, True, False])
IMAGES = torch.tensor([[1.0, 0], [0, 1], [1, 1], [-1, 2]])
LABELS = torch.tensor([0, 1, 2, 2])
LATER_IMAGES = torch.tensor([[1, 0.5], [0.5, 1], [0, 2]])
LATER_LABELS = torch.tensor([0, 1, 2])
FACTOR = 1 / 3  # 1 - rho, two of three classes being old


def optimizer_of(row, alpha):
    kind = torch.optim.Adam if row["optimizer"] == "adam" else torch.optim.SGD
    return kind([alpha], lr=row["lr"])


def updates(row):
    alpha = torch.ones(1).requires_grad_()
    optimizer, after = optimizer_of(row, alpha), []
    for derivative in drawn("alpha/derivatives", STEPS) * 0.02:
        alpha.grad = torch.tensor([derivative])
        optimizer.step()
        after.append(alpha.item())
    return dict(row, alphas=after)


def loss_of(weights, alpha):
    counts = torch.where(OLD, alpha * COUNTS, COUNTS)
    return FACTOR * torch.nn.functional.cross_entropy(IMAGES @ weights.T + counts.log(), LABELS)


def training(row):
    weights = torch.tensor([[0.2, -0.1], [0, 0.3], [0.1, 0.1]]).requires_grad_()
    alpha = torch.ones(1).requires_grad_()
    of_alpha, of_weights = optimizer_of(row, alpha), torch.optim.SGD([weights], **SGD)
    derivatives, alphas = [], []
    for _ in range(STEPS):
        velocity = of_weights.state[weights].get("momentum_buffer", torch.zeros_like(weights))
        gradient, = torch.autograd.grad(loss_of(weights, alpha), weights, create_graph=True)
        moved = weights - SGD["lr"] * (SGD["momentum"] * velocity + gradient + SGD["weight_decay"] * weights)
        judged = torch.nn.functional.cross_entropy(LATER_IMAGES @ moved.T, LATER_LABELS)
        alpha.grad, = torch.autograd.grad(judged, alpha)
        derivatives.append(alpha.grad.item())
        of_alpha.step()
        with torch.no_grad():
            alpha.clamp_(1e-3, 10)
        alphas.append(alpha.item())
        of_weights.zero_grad()
        loss_of(weights, alpha.detach()).backward()
        of_weights.step()
    return dict(row, derivatives=derivatives, alphas=alphas, weights=weights.flatten().tolist())


def main():
    written = {"made_by": "tests/golden/make_learned_alpha.py", "torch": torch.__version__.split("+")[0], "sgd": SGD,
               "updates": [updates(row) for row in ROWS], "training": [training(row) for row in ROWS]}
    (pathlib.Path(__file__).parent / "learned_alpha.json").write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main()
