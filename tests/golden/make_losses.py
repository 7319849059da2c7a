#!/usr/bin/env python3
"""Writes losses.json: for each row of tests/incremental/loss_table.cpp, PyTorch's float64 value and gradients.

    python3 tests/golden/make_losses.py

Rows have the same names and inputs as there. Where the reference codes of the papers compute a loss by another road than
we do (probabilities to the power 1/T, smoothing, one-hot targets), their road is the one taken here.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

from make_ops import Input, given, indices, num, result_of

rows = {}


def fixed(inp):
    inp.grad = False
    return inp


def row(name, inputs, apply):
    assert name not in rows, name
    rows[name] = (inputs, apply)


def kd(z, zh, T, eps):
    """softmax, power 1/T, renormalise, smooth the student, cross-entropy: FACIL's computation."""

    def softened(x):
        p = F.softmax(x, 1)
        p = p.pow(1 / T) if T != 1 else p
        return p / p.sum(1, keepdim=True)

    p = softened(z) + eps / z.shape[1]
    p = p / p.sum(1, keepdim=True)
    return -(softened(zh) * p.log()).sum(1).mean()


def one_hot(y, n):
    return F.one_hot(y, n).double()


def cross_entropy_rows():
    row("cross_entropy", [num(4, 5), indices(4, 0, 2, 2)], F.cross_entropy)
    row("cross_entropy: one sample", [num(1, 3), indices(1)], F.cross_entropy)
    row("cross_entropy: one class", [num(3, 1), indices(0, 0, 0)], F.cross_entropy)
    row("cross_entropy: large", [given((2, 3), [900, -900, 880, 3, 2, -700]), indices(2, 0)], F.cross_entropy)


def balanced_rows():
    balanced = lambda z, y, w: F.cross_entropy(z + w, y)
    row("balanced_cross_entropy", [num(4, 5), indices(4, 0, 2, 2), num(5)], balanced)
    row("balanced_cross_entropy: counts", [num(3, 4), indices(3, 0, 2), fixed(given((4,), [3.0, 3.0, 6.2, 6.2]))], balanced)
    excluded = fixed(given((4,), [float("-inf"), 0, float("-inf"), 1.5]))
    row("balanced_cross_entropy: excluded classes", [num(3, 4), indices(3, 1, 1), excluded], lambda z, y, w: F.cross_entropy(
        z[:, [1, 3]] + w[[1, 3]], (y == 3).long()))


def distillation_rows():
    def row_for(name, shape, T, eps):
        row("distillation: " + name, [num(*shape), fixed(num(*shape))], lambda z, zh: kd(z, zh, T, eps))

    row_for("T 2", (3, 5), 2, 0)
    row_for("T 2, smoothed", (3, 5), 2, 1e-5)
    row_for("T 1", (4, 3), 1, 0)
    row_for("T 1, smoothed", (4, 3), 1, 1e-5)
    row_for("T 3.7, smoothed much", (2, 6), 3.7, 0.2)
    row_for("one class", (3, 1), 2, 1e-5)
    row_for("fifty classes", (2, 50), 2, 1e-5)
    far = [[30, -30, 4, 0, -25, 25], [-20, 20, 1, 3, 30, -30]]
    row("distillation: far out", [given((2, 3), far[0]), fixed(given((2, 3), far[1]))], lambda z, zh: kd(z, zh, 2, 1e-5))


def binary_rows():
    bkd = lambda z, zh: F.binary_cross_entropy_with_logits(z, torch.sigmoid(zh))
    row("binary_distillation", [num(3, 4), fixed(num(3, 4))], bkd)
    row("binary_distillation: far out", [given((2, 3), [90, -90, 4, 0, -25, 25]), fixed(given((2, 3), [-20, 20, 1, 3, 60, -60]))], bkd)
    bpl = lambda z, y: F.binary_cross_entropy_with_logits(z, one_hot(y, z.shape[1]))
    row("binary_prediction", [num(4, 5), indices(4, 0, 2, 2)], bpl)
    row("binary_prediction: far out", [given((2, 3), [90, -90, 4, 0, -25, 25]), indices(1, 2)], bpl)


def term_rows():
    """Terms of recipes: two old tasks of two and one classes, a new one of three."""
    student, teacher, labels, new_labels = num(4, 6), fixed(num(4, 3)), indices(5, 3, 0, 2), indices(5, 3, 3, 4)
    counts = torch.log(torch.tensor([20, 18, 20, 500, 450, 500], dtype=torch.double))
    alpha = torch.log(torch.tensor([0.5] * 3 + [1] * 3, dtype=torch.double))
    row("J", [student, teacher], lambda z, zh: kd(z[:, :3], zh, 2, 1e-5))
    heads = [slice(0, 2), slice(2, 3)]
    bkd = lambda z, zh: F.binary_cross_entropy_with_logits(z, torch.sigmoid(zh))
    row("S", [student, teacher], lambda z, zh: sum(kd(z[:, h], zh[:, h], 2, 1e-5) for h in heads))
    row("Bn", [student, teacher], lambda z, zh: sum(bkd(z[:, h], zh[:, h]) for h in heads))
    bpl = lambda z, y: F.binary_cross_entropy_with_logits(z, one_hot(y, z.shape[1]))
    row("binary prediction: newest head", [student, new_labels], lambda z, y: bpl(z[:, 3:], y - 3))
    row("binary prediction: with exemplars", [student, labels], bpl)
    row("J: T squared", [student, teacher], lambda z, zh: 9 * kd(z[:, :3], zh, 3, 0))
    row("current cross-entropy: newest head", [student, new_labels], lambda z, y: F.cross_entropy(z[:, 3:], y - 3))
    row("current cross-entropy: with exemplars", [student, labels], F.cross_entropy)
    row("joint cross-entropy", [student, labels], F.cross_entropy)
    row("balanced softmax", [student, labels], lambda z, y: F.cross_entropy(z + counts, y))
    row("balanced softmax: alpha", [student, labels], lambda z, y: F.cross_entropy(z + counts + alpha, y))


def main():
    torch.set_num_threads(1)
    for family in (cross_entropy_rows, balanced_rows, distillation_rows, binary_rows, term_rows):
        family()
    header = {"made_by": "tests/golden/make_losses.py", "torch": torch.__version__.split("+")[0]}
    lines = [f"{json.dumps(name)}: {json.dumps(result_of(name, *entry), separators=(',', ':'))}" for name, entry in rows.items()]
    text = json.dumps(header)[:-1] + ', "rows": {\n' + ",\n".join(lines) + "\n}}\n"
    json.loads(text)
    (pathlib.Path(__file__).parent / "losses.json").write_text(text)


if __name__ == "__main__":
    main()
