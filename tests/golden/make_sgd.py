#!/usr/bin/env python3
"""Writes sgd.json: four float64 steps of torch.optim.SGD, clipped by torch's clip_grad_norm_ where a row says so.

    python3 tests/golden/make_sgd.py

Values and gradients come from formula.py under the names "sgd/values" and "sgd/gradients<step>".
"""

import json
import pathlib

import torch

from formula import drawn

SIZE = 7
RATES = [0.1, 0.1, 0.025, 0.3]  # the rate changes, so that a rate inside the velocity would show
ROWS = [
    {"momentum": 0.0, "weight_decay": 0.0, "nesterov": False, "clip": 0.0},
    {"momentum": 0.0, "weight_decay": 0.2, "nesterov": False, "clip": 0.0},
    {"momentum": 0.9, "weight_decay": 0.0, "nesterov": False, "clip": 0.0},
    {"momentum": 0.9, "weight_decay": 0.2, "nesterov": False, "clip": 0.0},
    {"momentum": 0.7, "weight_decay": 0.0, "nesterov": True, "clip": 0.0},
    {"momentum": 0.9, "weight_decay": 0.2, "nesterov": True, "clip": 0.0},
    {"momentum": 0.9, "weight_decay": 0.2, "nesterov": False, "clip": 0.5},
    {"momentum": 0.9, "weight_decay": 0.0, "nesterov": False, "clip": 1000.0},
]


def run(row):
    theta = torch.tensor(drawn("sgd/values", SIZE)).requires_grad_()
    sgd = torch.optim.SGD([theta], lr=RATES[0], momentum=row["momentum"], weight_decay=row["weight_decay"], nesterov=row["nesterov"])
    after = []
    for step, rate in enumerate(RATES):
        sgd.param_groups[0]["lr"] = rate
        theta.grad = torch.tensor(drawn(f"sgd/gradients{step}", SIZE))
        if row["clip"]:
            torch.nn.utils.clip_grad_norm_([theta], row["clip"])
        sgd.step()
        after.append(theta.tolist())
    return dict(row, values=after)


def main():
    rows = ",\n".join(json.dumps(run(row)) for row in ROWS)
    header = {"made_by": "tests/golden/make_sgd.py", "torch": torch.__version__.split("+")[0], "rates": RATES}
    text = json.dumps(header)[:-1] + ', "rows": [\n' + rows + "\n]}\n"
    json.loads(text)
    (pathlib.Path(__file__).parent / "sgd.json").write_text(text)


if __name__ == "__main__":
    main()
