#!/usr/bin/env python3
"""Writes losses.json: for each row of tests/incremental/losses/loss_table.cpp, PyTorch's float64 value and gradients.

    python3 tests/golden/make_losses.py

Rows have the same names and inputs as there. Where the reference codes of the papers compute a loss by another road than
we do (probabilities to the power 1/T, smoothing, one-hot targets), their road is the one taken here.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

from make_ops import Input, given, indices, num, positive, result_of

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


def kl(z, zh, T):
    return F.kl_div(F.log_softmax(z / T, 1), F.log_softmax(zh / T, 1), log_target=True, reduction="batchmean")


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
    rescale = fixed(given((5,), [5.0, 0.25, 1, 2, 0.5]))
    row("weighted_cross_entropy", [num(4, 5), indices(4, 0, 2, 2), rescale], lambda z, y, w: (
        F.cross_entropy(z, y, reduction="none") * w[y]).mean())
    row("separated_cross_entropy", [num(5, 5), indices(4, 0, 2, 2, 1)], lambda z, y: separated(z, y, 2))
    row("separated_cross_entropy: no old classes", [num(3, 4), indices(3, 0, 2)], F.cross_entropy)


def separated(z, y, old):
    new, before = z[y >= old][:, old:], z[y < old][:, :old]
    return (F.cross_entropy(new, y[y >= old] - old, reduction="sum") + F.cross_entropy(before, y[y < old], reduction="sum")) / len(y)


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
    row("divergence", [num(3, 5), fixed(num(3, 5))], lambda z, zh: kl(z, zh, 2))
    row("divergence: far out", [given((2, 3), far[0]), fixed(given((2, 3), far[1]))], lambda z, zh: kl(z, zh, 2))


def binary_rows():
    bkd = lambda z, zh: F.binary_cross_entropy_with_logits(z, torch.sigmoid(zh))
    row("binary_distillation", [num(3, 4), fixed(num(3, 4))], bkd)
    row("binary_distillation: far out", [given((2, 3), [90, -90, 4, 0, -25, 25]), fixed(given((2, 3), [-20, 20, 1, 3, 60, -60]))], bkd)
    bpl = lambda z, y: F.binary_cross_entropy_with_logits(z, one_hot(y, z.shape[1]))
    row("binary_prediction", [num(4, 5), indices(4, 0, 2, 2)], bpl)
    row("binary_prediction: far out", [given((2, 3), [90, -90, 4, 0, -25, 25]), indices(1, 2)], bpl)


def less_forget(f, fh):
    return F.cosine_embedding_loss(f, fh, torch.ones(len(f), dtype=torch.double))


def margin_ranking(s, y, old, margin, k):
    """LUCIR's code: the k largest new scores of each old-class image against its own, in MarginRankingLoss."""
    hard = y < old
    if not hard.any():
        return 0 * s.sum()
    k = min(k, s.shape[1] - old)
    rivals = s[hard, old:].topk(k, dim=1)[0]
    own = s[hard].gather(1, y[hard][:, None]).repeat(1, k)
    return torch.nn.MarginRankingLoss(margin=margin)(own.reshape(-1), rivals.reshape(-1), torch.ones(own.numel()))


def attention_map(a, alpha):
    return F.relu((a * alpha[:, :, None, None]).sum(1)).flatten(1)


def attention_distance(q, qh):
    return (F.normalize(qh, dim=1) - F.normalize(q, dim=1)).abs().sum(1).mean()


def eeil(z, zh):
    return F.binary_cross_entropy(F.softmax(z / 2, 1), F.softmax(zh / 2, 1))


def pod_spatial(maps, old):
    """PODNet's code: squares pooled along width and height, side by side, normalised; the mean over layers."""
    loss = 0
    for a, b in zip(maps, old):
        a, b = (torch.cat([x.square().sum(3).flatten(1), x.square().sum(2).flatten(1)], 1) for x in (a, b))
        loss = loss + torch.linalg.vector_norm(F.normalize(a, dim=1) - F.normalize(b, dim=1), dim=1).mean()
    return loss / len(maps)


def pod_spatial_apart(maps, old):
    """SS-IL's PODNet: rows and columns each normalised by themselves."""
    loss = 0
    for a, b in zip(maps, old):
        for dim in (3, 2):
            rows_a, rows_b = (F.normalize(x.square().sum(dim).flatten(1), dim=1) for x in (a, b))
            loss = loss + torch.linalg.vector_norm(rows_a - rows_b, dim=1).mean()
    return loss / len(maps)


def topology(s, sh):
    """Minus the correlation of all entries beside the diagonal."""
    edges = ~torch.eye(len(s), dtype=torch.bool)
    return -torch.corrcoef(torch.stack([s[edges], sh[edges]]))[0, 1]


def topology_of_features(f, fh):
    """TPCIL: minus the correlation of the cosines between all pairs i < j with the cosines of the teacher."""
    i, j = torch.triu_indices(len(f), len(f), 1)
    s, sh = (F.cosine_similarity(x[i], x[j], dim=1) for x in (f, fh))
    return -torch.corrcoef(torch.stack([s, sh]))[0, 1]


def nca(u, y, margin):
    """PODNet, eq. 5: the label counts above the line alone."""
    others = u.masked_fill(one_hot(y, u.shape[1]).bool(), -torch.inf)
    return torch.clamp(torch.logsumexp(others, 1) - u.gather(1, y[:, None])[:, 0] + margin, min=0).mean()


def nca_as_released(u, y, shift=0.6):
    """PODNet's code: the margin leaves every class, rows are shifted by their maximum, the label's place becomes 0."""
    rows = torch.arange(len(u))
    u = u - shift
    u = u - u.max(1)[0][:, None]
    own = torch.zeros_like(u)
    own[rows, y] = u[rows, y]
    return -(u[rows, y] - torch.log(torch.exp(u - own).sum(1))).mean()


def proxy_scores(f, *weights):
    """PODNet's classifier: minus the squared distances of directions, weighed by their softmax among a class's three."""
    w = F.normalize(torch.cat(weights), dim=1)
    near = -(F.normalize(f, dim=1)[:, None] - w[None]).square().sum(2).view(len(f), -1, 3)
    return (F.softmax(near, 2) * near).sum(2)


def feature_rows():
    row("cosine_distance", [num(4, 5), fixed(num(4, 5))], less_forget)
    row("attention_map", [num(2, 4, 2, 3), num(2, 4)], lambda a, w: attention_map(a, w).square().sum())
    row("attention_distance", [positive(3, 4), fixed(positive(3, 4))], attention_distance)
    row("binary_distillation_of_softmax", [num(3, 4), fixed(num(3, 4))], eeil)
    row("binary_distillation_of_softmax: one class", [num(3, 1), fixed(num(3, 1))], lambda z, zh: 0 * z.sum())
    onehot = lambda y: torch.tensor([[float(v == 3), float(v == 4)] for v in y.tolist()], dtype=torch.double)
    row("binary_prediction: columns from class 3 on", [num(4, 2), indices(4, 0, 3, 4)], lambda z, y:
        F.binary_cross_entropy_with_logits(z, onehot(y)))
    row("squared_distance", [num(4, 5), fixed(num(4, 5))], lambda z, zh: 5 * F.mse_loss(z, zh))
    row("pod_spatial", [num(3, 4, 3, 2), fixed(num(3, 4, 3, 2))], lambda a, b: pod_spatial([a], [b]))
    row("pod_spatial: 16 channels", [num(1, 16, 2, 2), fixed(num(1, 16, 2, 2))], lambda a, b: pod_spatial([a], [b]))
    row("pod_spatial_apart", [num(3, 4, 3, 2), fixed(num(3, 4, 3, 2))], lambda a, b: pod_spatial_apart([a], [b]))
    row("topology", [num(4, 4), fixed(num(4, 4))], topology)
    row("nca", [num(4, 5), indices(4, 0, 2, 2), given((1,), [0.6])], nca)
    beyond = [9, 0, 1, 0, 1, 2.5, 0, 9, 3]
    row("nca: beyond the margin", [given((3, 3), beyond), indices(0, 1, 1), given((1,), [0.5])], nca)
    row("nca_as_released", [num(4, 5), indices(4, 0, 2, 2)], nca_as_released)
    row("margin_ranking", [num(4, 6), indices(0, 4, 2, 5)], lambda s, y: margin_ranking(s, y, 3, 0.5, 2))
    row("margin_ranking: one new class", [num(3, 3), indices(0, 2, 1)], lambda s, y: margin_ranking(s, y, 2, 0.5, 2))
    row("margin_ranking: no image of an old class", [num(3, 5), indices(2, 4, 3)], lambda s, y: margin_ranking(s, y, 2, 0.5, 2))


def term_rows():
    """The terms of methods: two old tasks of two classes and of one class, and a new task of three classes."""
    student, teacher, labels, new_labels = num(4, 6), fixed(num(4, 3)), indices(5, 3, 0, 2), indices(5, 3, 3, 4)
    counts = torch.log(torch.tensor([20, 18, 20, 500, 450, 500], dtype=torch.double))
    alpha = torch.log(torch.tensor([0.5] * 3 + [1] * 3, dtype=torch.double))
    row("J", [student, teacher], lambda z, zh: kd(z[:, :3], zh, 2, 1e-5))
    heads = [slice(0, 2), slice(2, 3)]
    bkd = lambda z, zh: F.binary_cross_entropy_with_logits(z, torch.sigmoid(zh))
    row("S", [student, teacher], lambda z, zh: sum(kd(z[:, h], zh[:, h], 2, 1e-5) for h in heads))
    per_task = lambda z, zh, T: sum(T * T * kl(z[:, h], zh[:, h], T) for h in heads)
    row("S: divergence", [student, teacher], lambda z, zh: per_task(z, zh, 3))
    row("SS-IL: the whole loss", [student, teacher, labels], lambda z, zh, y: separated(z, y, 3) + per_task(z, zh, 2))
    row("iCaRL in SS-IL's suite: the whole loss", [student, teacher, labels], lambda z, zh, y: F.cross_entropy(z, y) + per_task(z, zh, 2))
    row("BiC in SS-IL's suite: the whole loss", [student, teacher, labels], lambda z, zh, y: 0.5 * F.cross_entropy(z, y) + 0.5 * kl(
        z[:, :3], zh, 2))
    row("Bn", [student, teacher], lambda z, zh: sum(bkd(z[:, h], zh[:, h]) for h in heads))
    row("logit distillation", [student, teacher], lambda z, zh: F.mse_loss(z[:, :3], zh))
    bpl = lambda z, y: F.binary_cross_entropy_with_logits(z, one_hot(y, z.shape[1]))
    row("binary prediction: newest head", [student, new_labels], lambda z, y: bpl(z[:, 3:], y - 3))
    row("binary prediction: with exemplars", [student, labels], bpl)
    row("binary prediction: all heads", [student, new_labels], bpl)
    row("less-forget", [num(3, 5), fixed(num(3, 5))], less_forget)
    row("binary feature distillation", [num(3, 5), fixed(num(3, 5))], lambda f, fh: F.binary_cross_entropy(
        torch.sigmoid(f), torch.sigmoid(fh)))
    row("cosine mimicking", [student, teacher], lambda s, sh: 3 * F.mse_loss(s[:, :3], sh))
    row("margin ranking", [student, labels], lambda s, y: margin_ranking(s, y, 3, 0.7, 2))
    maps = [num(3, 4, 2, 2), fixed(num(3, 4, 2, 2)), fixed(num(6, 4)), fixed(num(3, 4)), fixed(num(3, 6))]

    def grad_cam(a, w, z):
        """Grad-CAM by automatic differentiation of the chosen logits of pooled features."""
        chosen = z[:, :3].argmax(1)
        scores = (a.mean((2, 3)) @ w.T).gather(1, chosen[:, None]).sum()
        alpha, = torch.autograd.grad(scores, a, create_graph=True)
        return attention_map(a, alpha.mean((2, 3)).detach())

    def attention(a, ah, w, wh, z):
        return attention_distance(grad_cam(a, w, z), grad_cam(ah.detach().requires_grad_(), wh, z).detach())

    row("attention distillation", maps, attention)
    two_maps = [num(3, 4, 2, 3), num(3, 16, 1, 2), fixed(num(3, 4, 2, 3)), fixed(num(3, 16, 1, 2))]
    row("POD-spatial", two_maps, lambda a, b, ah, bh: pod_spatial([a, b], [ah, bh]))
    row("POD-spatial: apart", two_maps, lambda a, b, ah, bh: pod_spatial_apart([a, b], [ah, bh]))
    row("TPL", [num(5, 3), fixed(num(5, 3))], topology_of_features)
    of_proxies = lambda eta: [num(4, 3), num(6, 3), num(3, 3), eta, indices(2, 0, 1, 2)]
    row("NCA of proxies", of_proxies(fixed(given((1,), [1.7]))), lambda f, v, w, eta, y: nca(eta * proxy_scores(f, v, w), y, 0.6 * eta))
    row("NCA of proxies, as released", of_proxies(given((1,), [1.7])), lambda f, v, w, eta, y: nca_as_released(
        eta * proxy_scores(f, v, w), y, 0.6 * eta))
    row("binary distillation of all", [student, teacher], lambda z, zh: sum(
        F.binary_cross_entropy_with_logits(z[:, j], torch.sigmoid(zh[:, j])) for j in range(3)))
    row("binary softmax distillation", [student, teacher], lambda z, zh: eeil(z[:, :2], zh[:, :2]) + 0 * z.sum())
    row("binary softmax distillation: all heads but one", [student, teacher], lambda z, zh: eeil(z[:, :2], zh[:, :2]))
    row("binary classification", [student, labels], lambda z, y: sum(
        F.binary_cross_entropy_with_logits(z[:, j], (y == j).double()) for j in (3, 4, 5)))
    row("J: T squared", [student, teacher], lambda z, zh: 9 * kd(z[:, :3], zh, 3, 0))
    row("current cross-entropy: newest head", [student, new_labels], lambda z, y: F.cross_entropy(z[:, 3:], y - 3))
    row("current cross-entropy: with exemplars", [student, labels], F.cross_entropy)
    row("joint cross-entropy", [student, labels], F.cross_entropy)
    row("balanced softmax", [student, labels], lambda z, y: F.cross_entropy(z + counts, y))
    row("balanced softmax: alpha", [student, labels], lambda z, y: F.cross_entropy(z + counts + alpha, y))
    row("learned balanced softmax", [student, labels], lambda z, y: F.cross_entropy(z + counts, y))
    images = counts.exp()
    row("rescaled cross-entropy", [student, labels], lambda z, y: F.cross_entropy(
        z, y, weight=images.sum() / (6 * images), reduction="sum") / len(y))
    row("separated softmax", [student, labels], lambda z, y: separated(z, y, 3))


def main():
    torch.set_num_threads(1)
    for family in (cross_entropy_rows, balanced_rows, distillation_rows, binary_rows, feature_rows, term_rows):
        family()
    header = {"made_by": "tests/golden/make_losses.py", "torch": torch.__version__.split("+")[0]}
    lines = [f"{json.dumps(name)}: {json.dumps(result_of(name, *entry), separators=(',', ':'))}" for name, entry in rows.items()]
    text = json.dumps(header)[:-1] + ', "rows": {\n' + ",\n".join(lines) + "\n}}\n"
    json.loads(text)
    (pathlib.Path(__file__).parent / "losses.json").write_text(text)


if __name__ == "__main__":
    main()
