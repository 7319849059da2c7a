#!/usr/bin/env python3
"""Writes importance.json: importances and penalties of EWC, MAS, path integral and RWalk in PyTorch, float64.

    python3 tests/golden/make_importance.py

A backbone of one layer (3 -> 4, ReLU), a head of two classes per task, two tasks of six images of one pixel, 25 full-batch
steps of SGD each. The released forms follow FACIL's code, the others the papers' formulas (see
incremental/regularisers/importance.h). tests/incremental/regularisers/test_regularisers.cpp does the same.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

from formula import drawn

STRENGTH, ALPHA, XI, STEPS, RATE = 3.0, 0.5, 0.1, 25, 0.1


def tensor(name, *shape):
    count = 1
    for s in shape:
        count *= s
    return torch.tensor(drawn(name, count).reshape(shape))


def images_of(task):
    pixels = torch.tensor([[int(128 + 100 * v) for v in row] for row in drawn(f"pixels{task}", 18).reshape(6, 3)])
    return (pixels.double() / 255 - 0.5) / 0.25, torch.tensor([2 * task + i % 2 for i in range(6)])


class Net:
    def __init__(self):
        self.backbone = [tensor("weight", 4, 3).requires_grad_(), tensor("bias", 4).requires_grad_()]
        self.heads = []

    def add_head(self):
        t = len(self.heads)
        self.heads.append([tensor(f"head{t}", 2, 4).requires_grad_(), tensor(f"head bias{t}", 2).requires_grad_()])

    def logits(self, x):
        f = F.relu(F.linear(x, *self.backbone))
        return torch.cat([F.linear(f, *h) for h in self.heads], 1)


def flat(tensors):
    return torch.cat([t.detach().reshape(-1) for t in tensors])


def grad(loss, net):
    return flat(torch.autograd.grad(loss, net.backbone, retain_graph=True))


def fisher_of(net, x, y, released, labels):
    def chosen(z, truth):
        return truth if labels == "true" else z.argmax(1)
    total = torch.zeros(16, dtype=torch.double)
    size = 6 if released else 1
    for i in range(0, 6, size):
        z = net.logits(x[i:i + size])
        total += size * grad(F.cross_entropy(z, chosen(z, y[i:i + size])), net) ** 2
    return total / 6


def sensitivity_of(net, x, y, released):
    total = torch.zeros(16, dtype=torch.double)
    size = 6 if released else 1
    for i in range(0, 6, size):
        z = net.logits(x[i:i + size])
        norms = z.norm(dim=1) if released else (z ** 2).sum(1)
        total += size * grad(norms.mean(), net).abs()
    return total / 6


def run(kind, released, labels="predicted"):
    net, records = Net(), []
    zeros = lambda: torch.zeros(16, dtype=torch.double)
    importance, fisher, score, path, gathered, steps = zeros(), zeros(), zeros(), zeros(), zeros(), 0
    anchor = mark = flat(net.backbone)
    for task in range(2):
        net.add_head()
        x, y = images_of(task)
        for _ in range(STEPS):
            z = net.logits(x)
            plain = F.cross_entropy(z[:, 2 * task:], y - 2 * task)
            penalty = 0
            if task > 0:
                at = 0
                for p in net.backbone:
                    piece = slice(at, at + p.numel())
                    penalty = penalty + STRENGTH / 2 * (importance[piece].reshape(p.shape) * (p - anchor[piece].reshape(p.shape)) ** 2).sum()
                    at += p.numel()
            g = grad(F.cross_entropy(z, y) if kind == "walk" else plain, net)
            before = flat(net.backbone)
            learning = net.backbone + net.heads[-1]
            gradients = torch.autograd.grad(plain + penalty, learning)
            with torch.no_grad():
                for p, d in zip(learning, gradients):
                    p -= RATE * d
            now = flat(net.backbone)
            path = path - g * (now - before)
            steps += 1
            if kind == "walk" and not released and steps % 10 == 0:
                fisher = 0.9 * fisher + 0.1 * g ** 2
                gathered = gathered + F.relu(path / (0.5 * fisher * (now - mark) ** 2 + XI))
                path, mark = zeros(), now
        now = flat(net.backbone)
        if kind == "fisher":
            importance = ALPHA * importance + (1 - ALPHA) * fisher_of(net, x, y, released, labels)
        elif kind == "sensitivity":
            importance = ALPHA * importance + (1 - ALPHA) * sensitivity_of(net, x, y, released)
        elif kind == "path":
            importance = importance + path / ((now - anchor) ** 2 + XI)
        elif released:
            fisher = ALPHA * fisher + (1 - ALPHA) * fisher_of(net, x, y, True, labels)
            score = (score + F.relu(path / (fisher * (now - anchor) ** 2 + XI))) / 2
            importance = fisher + score
        else:
            gathered = gathered + F.relu(path / (0.5 * fisher * (now - mark) ** 2 + XI))
            score = gathered if task == 0 else (score + gathered) / 2
            importance = fisher / fisher.max() + score / score.max()
            gathered, mark = zeros(), now
        path, anchor = zeros(), now
        records.append({"importance": importance.tolist(), "backbone": now.tolist(),
                        "penalty": penalty.item() if task > 0 else 0.0})
    return records


def main():
    torch.set_num_threads(1)
    cases = {}
    for kind in ("fisher", "sensitivity", "path", "walk"):
        for released in (False, True):
            cases[kind + (" as released" if released else "")] = run(kind, released)
    cases["fisher of true labels"] = run("fisher", False, "true")
    header = {"made_by": "tests/golden/make_importance.py", "torch": torch.__version__.split("+")[0]}
    lines = [f"{json.dumps(name)}: {json.dumps(case, separators=(',', ':'))}" for name, case in cases.items()]
    text = json.dumps(header)[:-1] + ', "cases": {\n' + ",\n".join(lines) + "\n}}\n"
    json.loads(text)
    (pathlib.Path(__file__).parent / "importance.json").write_text(text)


if __name__ == "__main__":
    main()
