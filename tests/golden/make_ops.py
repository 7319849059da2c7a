#!/usr/bin/env python3
"""Writes ops.json: for each row of tests/engine/op_table.cpp, PyTorch's float64 output and gradients.

    python3 tests/golden/make_ops.py

Rows have the same names and inputs as there. Inputs and the gradient that backward starts from come from formula.py, so
none is stored; a checksum per input shows at once when the two tables differ. Results of more than 120 elements are
stored as a sample and a weighted sum.
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

from formula import drawn

rows = {}


class Input:
    def __init__(self, shape, draw="any", given=None, index=False, grad=True):
        self.shape, self.draw, self.given, self.index, self.grad = shape, draw, given, index, grad and not index

    def tensor(self, name):
        count = int(np.prod(self.shape, dtype=np.int64))
        values = drawn(name, count, self.draw) if self.given is None else np.array(self.given, dtype=np.float64)
        if self.index:
            return torch.tensor(values.astype(np.int64).reshape(self.shape))
        return torch.tensor(values.reshape(self.shape)).requires_grad_(self.grad)


def num(*shape, draw="any"):
    return Input(shape, draw)


def off_zero(*shape):
    return Input(shape, "off_zero")


def positive(*shape):
    return Input(shape, "positive")


def distinct(*shape):
    return Input(shape, "distinct")


def given(shape, values):
    return Input(shape, given=values)


def indices(*values):
    return Input((len(values),), given=values, index=True)


def row(name, inputs, apply):
    assert name not in rows, name
    rows[name] = (inputs, apply)


def unary_rows():
    row("relu", [off_zero(3, 5)], F.relu)
    row("relu: image", [off_zero(2, 16, 3, 2)], F.relu)
    row("relu: scalar", [off_zero()], F.relu)
    row("to_float", [num(2, 16, 3, 2)], torch.clone)
    row("sigmoid", [num(3, 5)], torch.sigmoid)
    row("sigmoid: far out", [given((6,), [-90, -20, -3, 3, 20, 90])], torch.sigmoid)
    softplus = lambda x: torch.logaddexp(x, torch.zeros_like(x))  # F.softplus is linear from 20 on
    row("softplus", [num(3, 5)], softplus)
    row("softplus: far out", [given((6,), [-800, -20, -3, 3, 20, 800])], softplus)
    row("exp", [num(3, 5)], torch.exp)
    row("log", [positive(3, 5)], torch.log)
    row("sqrt", [positive(3, 5)], torch.sqrt)
    row("abs", [off_zero(3, 5)], torch.abs)
    row("square", [num(2, 16, 2, 2)], torch.square)
    row("scale", [num(2, 3, 4)], lambda x: -1.75 * x)
    row("add_scalar", [num(3, 5)], lambda x: x + 0.375)
    row("clamp_min", [off_zero(4, 5)], lambda x: x.clamp(min=0.125))


def binary_rows():
    row("add", [num(3, 4), num(3, 4)], torch.add)
    row("add: images", [num(2, 16, 3, 2), num(2, 16, 3, 2)], torch.add)
    row("add: bias", [num(3, 4), num(4)], torch.add)
    row("add: first one repeated", [num(4), num(3, 4)], torch.add)
    row("add: scalar", [num(2, 3), num()], torch.add)
    row("add: each with each", [num(3, 1), num(1, 4)], torch.add)
    row("add: per channel", [num(2, 16, 2, 3), num(16, 1, 1)], torch.add)
    row("add: one tensor twice", [num(3, 4)], lambda x: x + x)
    row("sub", [num(2, 16, 2, 2), num(2, 16, 2, 2)], torch.sub)
    row("sub: one per row", [num(3, 4), num(3, 1)], torch.sub)
    row("mul", [num(3, 4), num(3, 4)], torch.mul)
    row("mul: one tensor twice", [num(3, 4)], lambda x: x * x)
    row("mul: per image and channel", [num(2, 16, 2, 2), num(2, 16, 1, 1)], torch.mul)
    row("mul: middle repeated", [num(2, 1, 3), num(4, 1)], torch.mul)
    row("div", [num(3, 4), off_zero(3, 4)], torch.div)
    row("div: one per row", [num(3, 4), positive(3, 1)], torch.div)
    row("div: images", [num(1, 16, 2, 2), positive(1, 16, 2, 2)], torch.div)


def sum_rows():
    row("sum", [num(3, 4)], torch.sum)
    row("sum: image", [num(2, 16, 3, 3)], torch.sum)
    row("sum: several pieces", [num(9001)], torch.sum)
    row("mean", [num(2, 3, 4, 4)], torch.mean)
    row("mean: scalar", [num()], torch.mean)
    row("sum_last", [num(3, 5)], lambda x: x.sum(-1, keepdim=True))
    row("sum_last: image", [num(2, 16, 2, 3)], lambda x: x.sum(-1, keepdim=True))
    row("sum_to_size: row", [num(3, 4)], lambda x: x.sum_to_size(4))
    row("sum_to_size: scalar", [num(3, 4)], torch.sum)
    row("sum_to_size: per channel", [num(2, 16, 3, 2)], lambda x: x.sum_to_size(16, 1, 1))
    row("sum_to_size: outer and inner", [num(2, 3, 4)], lambda x: x.sum_to_size(1, 3, 1))


def shape_rows():
    row("reshape", [num(2, 6)], lambda x: x.reshape(3, 4))
    row("reshape: image to rows", [num(2, 16, 2, 3)], lambda x: x.reshape(2, 96))
    row("reshape: rows to image", [num(2, 32)], lambda x: x.reshape(2, 16, 2, 1))
    row("concat_columns", [num(3, 2), num(3, 1), num(3, 4)], lambda *parts: torch.cat(parts, 1))
    row("concat_columns: one part", [num(3, 2)], lambda x: torch.cat([x], 1))
    row("concat_columns: one tensor twice", [num(3, 2)], lambda x: torch.cat([x, x], 1))
    row("slice_columns", [num(3, 6)], lambda x: x[:, 1:4])
    row("slice_columns: all", [num(3, 6)], lambda x: x[:, 0:6])
    row("slice_columns: none", [num(3, 6)], lambda x: x[:, 2:2])
    row("index_select", [num(4, 3), indices(3, 0, 1)], lambda x, i: x[i])
    row("index_select: repeated", [num(4, 3), indices(2, 0, 2, 2, 3)], lambda x, i: x[i])
    row("index_select: none", [num(4, 3), indices()], lambda x, i: x[i])
    row("gather", [num(4, 3), indices(2, 0, 0, 1)], lambda x, i: x.gather(1, i[:, None]))
    row("gather: several", [num(2, 3), Input((2, 2), given=[2, 0, 1, 1], index=True)], lambda x, i: x.gather(1, i))


def softmax_rows():
    large = [500, -500, 499, 3, -2, 1, -600, -600.5, -601]
    softmax, log_softmax = (lambda x: F.softmax(x, 1)), (lambda x: F.log_softmax(x, 1))
    entropy = lambda z, y, o=0: F.cross_entropy(z + o, y, reduction="none")[:, None]
    row("softmax", [num(3, 5)], softmax)
    row("softmax: one column", [num(3, 1)], softmax)
    row("softmax: large", [given((3, 3), large)], softmax)
    row("log_softmax", [num(3, 5)], log_softmax)
    row("log_softmax: large", [given((3, 3), large)], log_softmax)
    row("softmax_cross_entropy", [num(4, 5), indices(4, 0, 2, 2)], entropy)
    row("softmax_cross_entropy: large", [given((3, 3), large), indices(1, 0, 2)], entropy)
    row("softmax_cross_entropy: offset", [num(4, 5), indices(4, 0, 2, 2), num(5)], entropy)
    row("softmax_cross_entropy: counts as offset", [num(3, 3), indices(0, 1, 2), given((3,), [6.25, 3, 0])], entropy)
    excluded = given((4,), [0.5, 0, -np.inf, -1])
    row("softmax_cross_entropy: excluded class", [num(3, 4), indices(0, 3, 1), excluded], entropy)
    row("normalize_rows", [off_zero(3, 5)], lambda x: F.normalize(x, dim=1))


def matrix_rows():
    row("matmul", [num(3, 4), num(4, 2)], torch.matmul)
    row("matmul: first transposed", [num(4, 3), num(4, 2)], lambda a, b: a.T @ b)
    row("matmul: second transposed", [num(3, 4), num(2, 4)], lambda a, b: a @ b.T)
    row("matmul: with itself", [num(3, 3)], lambda a: a @ a.T)
    row("matmul: long sum", [num(2, 150), num(150, 3)], torch.matmul)
    row("matmul: outer product", [num(5, 1), num(1, 7)], torch.matmul)
    row("linear", [num(3, 4), num(2, 4), num(2)], F.linear)
    row("linear: no bias", [num(3, 4), num(2, 4)], F.linear)


def conv_rows():
    def conv(name, x, w, stride, pad):
        row("conv2d: " + name, [num(*x), num(*w)], lambda x, w: F.conv2d(x, w, stride=stride, padding=pad))

    conv("3x3", (2, 3, 6, 5), (4, 3, 3, 3), 1, 1)
    conv("no pad", (2, 2, 5, 6), (3, 2, 3, 3), 1, 0)
    conv("stride 2, even sizes", (2, 3, 6, 8), (4, 3, 3, 3), 2, 1)
    conv("stride 2, odd sizes", (2, 3, 7, 5), (4, 3, 3, 3), 2, 1)
    conv("pixels between strides", (1, 2, 8, 7), (3, 2, 2, 2), 3, 0)
    conv("1x1, stride 2", (2, 4, 6, 5), (3, 4, 1, 1), 2, 0)
    conv("window not square", (2, 2, 5, 6), (3, 2, 2, 4), 1, 1)
    conv("window as large as the image", (2, 3, 4, 4), (5, 3, 4, 4), 1, 0)
    conv("pad wider than the window reaches", (1, 2, 3, 4), (2, 2, 3, 3), 1, 3)
    conv("7x7, stride 2", (1, 3, 9, 8), (4, 3, 7, 7), 2, 3)
    conv("3 to 16 channels", (2, 3, 4, 5), (16, 3, 3, 3), 1, 1)
    conv("16 to 16 channels", (1, 16, 4, 3), (16, 16, 3, 3), 1, 1)
    conv("16 to 32 channels, stride 2", (1, 16, 3, 3), (32, 16, 3, 3), 2, 1)
    conv("16 to 32 channels, 1x1, stride 2", (3, 16, 3, 4), (32, 16, 1, 1), 2, 0)
    conv("16 to 10 channels", (2, 16, 3, 3), (10, 16, 3, 3), 1, 1)


def batch_norm_rows():
    def norm(name, x, draw="any", training=True, eps=1e-5):
        c = x[1]
        inputs = [Input(x, draw), off_zero(c), num(c), Input((c,), grad=False), Input((c,), "positive", grad=False)]
        row("batch_norm: " + name, inputs, lambda x, gamma, beta, mean, variance: F.batch_norm(
            x, mean.clone(), variance.clone(), gamma, beta, training=training, momentum=0.1, eps=eps))

    norm("training", (3, 2, 4, 3))
    norm("training, 16 channels", (2, 16, 3, 3))
    norm("training, running values kept", (2, 3, 2, 2))
    norm("training, mean far from zero", (3, 2, 3, 3), "positive")
    norm("training, two values per channel", (2, 3, 1, 1))
    norm("training, large eps", (2, 2, 2, 3), eps=0.5)
    norm("inference", (3, 2, 4, 3), training=False)
    norm("inference, 16 channels", (2, 16, 2, 3), training=False)
    norm("inference, one pixel", (1, 3, 1, 1), training=False)


def image_rows():
    average = lambda x: x.mean((2, 3))
    row("global_average_pool", [num(2, 3, 4, 5)], average)
    row("global_average_pool: 16 channels", [num(2, 16, 3, 3)], average)
    row("global_average_pool: one pixel", [num(2, 3, 1, 1)], average)
    pool = lambda window, stride, pad: lambda x: F.max_pool2d(x, window, stride, pad)
    row("max_pool", [distinct(2, 3, 6, 4)], pool(2, 2, 0))
    row("max_pool: overlapping, padded, odd sizes", [distinct(1, 2, 7, 5)], pool(3, 2, 1))
    row("max_pool: stride 1", [distinct(1, 2, 4, 5)], pool(3, 1, 1))
    row("max_pool: border left over", [distinct(1, 2, 5, 7)], pool(2, 2, 0))
    row("max_pool: 16 channels", [distinct(2, 16, 4, 4)], pool(3, 2, 1))
    row("max_pool: 32 channels, odd sizes", [distinct(2, 32, 7, 5)], pool(3, 2, 1))
    row("max_pool: pixels between windows", [distinct(1, 16, 7, 8)], pool(2, 3, 0))
    row("max_pool: windows of four, overlapping thrice", [distinct(1, 16, 6, 5)], pool(4, 1, 2))

    def strips(a):
        """PODNet's code: squares summed along the width and along the height, side by side."""
        squares = torch.pow(a, 2)
        return torch.cat([squares.sum(3).view(len(a), -1), squares.sum(2).view(len(a), -1)], dim=-1)

    row("strip_energies", [num(2, 3, 4, 5)], strips)
    row("strip_energies: 16 channels", [num(2, 16, 3, 2)], strips)
    row("strip_energies: one pixel", [num(2, 3, 1, 1)], strips)

    def shortcut(stride, channels):
        return lambda x: F.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, channels - x.shape[1]))

    row("subsample_pad_channels", [num(2, 2, 6, 4)], shortcut(2, 5))
    row("subsample_pad_channels: odd sizes", [num(2, 3, 5, 7)], shortcut(2, 3))
    row("subsample_pad_channels: stride 1", [num(2, 3, 2, 3)], shortcut(1, 4))
    row("subsample_pad_channels: 16 to 32 channels", [num(2, 16, 4, 4)], shortcut(2, 32))
    row("subsample_pad_channels: 8 to 16 channels", [num(2, 8, 3, 3)], shortcut(2, 16))


def packed(name, tensor):
    """All values of a short tensor. For a long tensor: about sixty values, and the sum of all values weighted by drawn(name)."""
    flat = tensor.detach().reshape(-1).tolist()
    if len(flat) <= 120:
        return flat
    every = len(flat) // 60
    dot = float(np.dot(drawn(name, len(flat)), flat))
    return {"size": len(flat), "every": every, "sample": flat[::every], "dot": dot}


def finite_sum(tensor):
    values = tensor.detach().double()
    return float(values[torch.isfinite(values)].sum())


def result_of(name, inputs, apply):
    tensors = [x.tensor(f"{name}/{i}") for i, x in enumerate(inputs)]
    y = apply(*tensors)
    dy = torch.tensor(drawn(name + "/dy", y.numel()).reshape(tuple(y.shape)))
    y.backward(dy)
    gradients = [packed(f"{name}/check{i}", t.grad) if t.requires_grad else None for i, t in enumerate(tensors)]
    sums = [finite_sum(t) for t in tensors]
    return {"inputs": sums, "shape": list(y.shape), "y": packed(name + "/check", y), "gradients": gradients}


def main():
    torch.set_num_threads(1)
    for family in (unary_rows, binary_rows, sum_rows, shape_rows, softmax_rows, matrix_rows, conv_rows, batch_norm_rows,
                   image_rows):
        family()
    header = {"made_by": "tests/golden/make_ops.py", "torch": torch.__version__.split("+")[0]}
    lines = []
    for name, entry in rows.items():
        lines.append(f"{json.dumps(name)}: {json.dumps(result_of(name, *entry), separators=(',', ':'))}")
    text = json.dumps(header)[:-1] + ', "rows": {\n' + ",\n".join(lines) + "\n}}\n"
    json.loads(text)
    (pathlib.Path(__file__).parent / "ops.json").write_text(text)


if __name__ == "__main__":
    main()
