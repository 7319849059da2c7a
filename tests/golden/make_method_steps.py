#!/usr/bin/env python3
"""Writes method_steps.json: SGD steps of whole methods over three tasks in PyTorch, float64, derived anew from papers and
released code.

    python3 tests/golden/make_method_steps.py

Images of 2x2 pixels, a backbone of two 1x1 convolutions (3 -> 4, ReLU, 4 -> 4) and the mean over the pixels, tasks of two
classes and six images, full-batch steps. From the second task on there are four exemplars: the first images of each
class, two per class in the second task and one in the third. tests/incremental/methods/test_method_steps.cpp does the
same with our trainer. Nothing here follows our code: one optimiser over one whole head where the authors have that, losses
in the form of the authors' code, gradients by autograd alone.
"""

import copy
import json
import pathlib

import torch
import torch.nn.functional as F

from formula import drawn

torch.set_default_dtype(torch.float64)
TASKS, STEPS, BALANCED_STEPS = 3, 6, 3
RATE, BALANCED_RATE, MOMENTUM, DECAY = 0.1, 0.05, 0.9, 0.01
PROXIES = 10


def tensor(name, *shape):
    return torch.tensor(drawn(name, torch.Size(shape).numel()).reshape(shape))


def images_of(task):
    pixels = torch.tensor([int(128 + 100 * v) for v in drawn(f"pixels{task}", 72)]).double().reshape(6, 3, 2, 2)
    return (pixels / 255 - 0.5) / 0.25, torch.tensor([2 * task + i % 2 for i in range(6)])


def exemplars_of(task):
    """The exemplars of the tasks before this one."""
    each = {0: 0, 1: 4, 2: 2}[task]
    parts = [images_of(t) for t in range(task)]
    return [torch.cat([part[k][:each] for part in parts]) if parts else None for k in (0, 1)]


def training_of(task):
    x, y = images_of(task)
    if task == 0:
        return x, y
    more, labels = exemplars_of(task)
    return torch.cat([x, more]), torch.cat([y, labels])


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Parameter(tensor("first", 4, 3, 1, 1))
        self.second = torch.nn.Parameter(tensor("second", 4, 4, 1, 1))

    def maps(self, x):
        one = F.relu(F.conv2d(x, self.first))
        return [one, F.conv2d(one, self.second)]

    def feature(self, x):
        return self.maps(x)[-1].mean((2, 3))


def frozen(net):
    old = copy.deepcopy(net)
    for p in old.parameters():
        p.requires_grad_(False)
    return old


def optimiser(parameters, rate=RATE):
    return torch.optim.SGD(parameters, lr=rate, momentum=MOMENTUM, weight_decay=DECAY)


def train(sgd, loss_of, steps):
    losses = []
    for _ in range(steps):
        sgd.zero_grad()
        loss = loss_of()
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    return losses


def record(net, losses):
    state = {name: p.detach().flatten().tolist() for name, p in net.named_parameters()}
    return {"losses": losses, "state": state}


def ss_il():
    """Ahn et al. as released: the head is whole, one optimiser serves all tasks, and targets are within blocks."""
    net = Net()
    net.weight = torch.nn.Parameter(torch.cat([tensor(f"head{t}", 2, 4) for t in range(TASKS)]))
    net.bias = torch.nn.Parameter(torch.cat([tensor(f"head bias{t}", 2) for t in range(TASKS)]))
    logits = lambda n, x: F.linear(n.feature(x), n.weight, n.bias)
    sgd, records, old = optimiser(net.parameters()), [], None
    for task in range(TASKS):
        x, y = training_of(task)
        mid, end = 2 * task, 2 * task + 2

        def loss_of():
            z = logits(net, x)
            new = F.cross_entropy(z[:6, mid:end], y[:6] - mid, reduction="sum")
            if task == 0:
                return new / 6
            replayed = F.cross_entropy(z[6:, :mid], y[6:], reduction="sum")
            loss = (new + replayed) / len(x)
            zh = logits(old, x)
            for t in range(task):
                block = slice(2 * t, 2 * t + 2)
                soft = F.softmax(zh[:, block] / 2, 1)
                loss = loss + 4 * F.kl_div(F.log_softmax(z[:, block] / 2, 1), soft, reduction="batchmean")
            return loss

        losses = train(sgd, loss_of, STEPS)
        records.append(record(net, losses))
        old = frozen(net)
    return records


def derpp():
    """Buzzega et al., eq. 6, with the teacher's logits and one draw of exemplars (docs/methods/derpp.md#departures)."""
    net, records, old = Net(), [], None
    net.weights, net.biases = torch.nn.ParameterList(), torch.nn.ParameterList()
    logits = lambda n, x: F.linear(n.feature(x), torch.cat(list(n.weights)), torch.cat(list(n.biases)))
    for task in range(TASKS):
        net.weights.append(tensor(f"head{task}", 2, 4))
        net.biases.append(tensor(f"head bias{task}", 2))
        x, y = training_of(task)

        def loss_of():
            z = logits(net, x)
            loss = F.cross_entropy(z[:6], y[:6])
            if task > 0:
                zh = logits(old, x[6:])
                loss = loss + 0.5 * F.mse_loss(z[6:, :2 * task], zh) + 0.5 * F.cross_entropy(z[6:], y[6:])
            return loss

        losses = train(optimiser(net.parameters()), loss_of, STEPS)
        records.append(record(net, losses))
        old = frozen(net)
    return records


def lucir():
    """Hou et al. as SS-IL's suite released it: the margin's scores are outputs over the scale's value. The first weights of
    new classes come from training images."""
    net, records, old = Net(), [], None
    net.eta = torch.nn.Parameter(torch.ones(1))
    net.weights = torch.nn.ParameterList()
    cosines = lambda n, x: F.linear(F.normalize(n.feature(x), dim=1), F.normalize(torch.cat(list(n.weights)), dim=1))
    for task in range(TASKS):
        x, y = training_of(task)
        if task == 0:
            first = tensor("head0", 2, 4)
        else:
            with torch.no_grad():
                length = torch.cat(list(net.weights)).norm(dim=1).mean()
                f = F.normalize(net.feature(x[:6]), dim=1)
                first = torch.stack([F.normalize(f[y[:6] == c].mean(0), dim=0) * length for c in (2 * task, 2 * task + 1)])
        net.weights.append(first)
        learning = [p for name, p in net.named_parameters()
                    if not name.startswith("weights.") or name == f"weights.{task}"]

        def loss_of():
            output = net.eta * cosines(net, x)
            loss = F.cross_entropy(output, y)
            if task == 0:
                return loss
            mid = 2 * task
            one = torch.ones(len(x))
            loss = loss + 10 * (mid / 2) ** 0.5 * F.cosine_embedding_loss(net.feature(x), old.feature(x), one)
            scores = output[6:] / net.eta.data
            own = scores.gather(1, y[6:, None]).repeat(1, 2).reshape(-1, 1)
            novel = scores[:, mid:].topk(2, dim=1)[0].reshape(-1, 1)
            return loss + F.margin_ranking_loss(own, novel, torch.ones_like(own), margin=0.5)

        losses = train(optimiser(learning), loss_of, STEPS)
        records.append(record(net, losses))
        old = frozen(net)
    return records


def podnet():
    """Douillard et al. in the form of their code; new proxies are drawn here and not clustered. A second stage learns all
    proxies on balanced images."""
    net, records, old = Net(), [], None
    net.scale = torch.nn.Parameter(torch.ones(1))
    net.weights = torch.nn.ParameterList()

    def similarities(n, x):
        f, w = F.normalize(n.feature(x), dim=1), F.normalize(torch.cat(list(n.weights)), dim=1)
        near = -((f[:, None] - w[None]) ** 2).sum(-1).reshape(len(x), -1, PROXIES)
        return (F.softmax(near, -1) * near).sum(-1)

    def nca(sim, y, scale, margin=0.6):
        sim = scale * (sim - margin)
        sim = sim - sim.max(1)[0].reshape(-1, 1)
        rows = torch.arange(len(y))
        own = torch.zeros_like(sim)
        own[rows, y] = sim[rows, y]
        return -(sim[rows, y] - torch.log(torch.exp(sim - own).sum(-1))).mean()

    def pooled(a, b):
        total = 0
        for m, mh in zip(a, b):
            parts = [torch.cat([(k ** 2).sum(3).flatten(1), (k ** 2).sum(2).flatten(1)], 1) for k in (m, mh)]
            total = total + (F.normalize(parts[0], dim=1) - F.normalize(parts[1], dim=1)).norm(dim=1).mean()
        return total / len(a)

    for task in range(TASKS):
        net.weights.append(tensor(f"proxies{task}", 2 * PROXIES, 4))
        x, y = training_of(task)
        learning = [p for name, p in net.named_parameters()
                    if not name.startswith("weights.") or name == f"weights.{task}"]

        def loss_of():
            loss = nca(similarities(net, x), y, net.scale)
            if task == 0:
                return loss
            factor = ((2 * task + 2) / 2) ** 0.5
            flat = (1 - F.cosine_similarity(net.feature(x), old.feature(x))).mean()
            return loss + factor * (3 * pooled(net.maps(x), old.maps(x)) + flat)

        losses = train(optimiser(learning), loss_of, STEPS)
        if task > 0:
            each = {1: 4, 2: 2}[task]
            own_x, own_y = images_of(task)
            more, labels = exemplars_of(task)
            bx, by = torch.cat([more, own_x[:each]]), torch.cat([labels, own_y[:each]])
            balanced = lambda: nca(similarities(net, bx), by, net.scale.detach())
            losses += train(optimiser(list(net.weights), BALANCED_RATE), balanced, BALANCED_STEPS)
        records.append(record(net, losses))
        old = frozen(net)
    return records


def main():
    torch.set_num_threads(1)
    cases = {"ss-il": ss_il(), "derpp": derpp(), "lucir-ss-il": lucir(), "podnet": podnet()}
    header = {"made_by": "tests/golden/make_method_steps.py", "torch": torch.__version__.split("+")[0]}
    lines = [f"{json.dumps(name)}: {json.dumps(case, separators=(',', ':'))}" for name, case in cases.items()]
    text = json.dumps(header)[:-1] + ', "cases": {\n' + ",\n".join(lines) + "\n}}\n"
    json.loads(text)
    (pathlib.Path(__file__).parent / "method_steps.json").write_text(text)


if __name__ == "__main__":
    main()
