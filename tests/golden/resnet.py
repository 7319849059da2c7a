"""The CIFAR ResNet of He et al. 2016 (section 4.2, projection shortcuts) as a plain PyTorch module, with the parameter
names that layers/resnet_cifar.h uses, and weights and images that tests/support/resnet_formula.h computes too. Beside it
the ResNets of 18 and 34 layers for large images, for timing where torchvision is not installed."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from formula import drawn, units


class Block(nn.Module):
    def __init__(self, channels_in, channels_out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)
        self.downsample = None
        if stride != 1 or channels_in != channels_out:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels_in, channels_out, 1, stride, bias=False), nn.BatchNorm2d(channels_out))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)), inplace=True)


def stage(channels_in, channels_out, stride, blocks):
    first = Block(channels_in, channels_out, stride)
    return nn.Sequential(first, *(Block(channels_out, channels_out, 1) for _ in range(blocks - 1)))


class ResNet(nn.Module):
    def __init__(self, depth=32, classes=(10,)):
        super().__init__()
        blocks = (depth - 2) // 6
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = stage(16, 16, 1, blocks)
        self.layer2 = stage(16, 32, 2, blocks)
        self.layer3 = stage(32, 64, 2, blocks)
        self.heads = nn.ModuleList(nn.Linear(64, k) for k in classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = self.layer3(self.layer2(self.layer1(x)))
        x = x.mean((2, 3))
        return torch.cat([head(x) for head in self.heads], 1)


class LargeResNet(nn.Module):
    def __init__(self, depth, classes):
        super().__init__()
        blocks = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}[depth]
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        widths = (64, 64, 128, 256, 512)
        self.stages = nn.Sequential(*(stage(widths[i], widths[i + 1], 1 if i == 0 else 2, blocks[i]) for i in range(4)))
        self.heads = nn.ModuleList(nn.Linear(512, k) for k in classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x)), inplace=True), 3, 2, 1)
        x = self.stages(x).mean((2, 3))
        return torch.cat([head(x) for head in self.heads], 1)


def formula_values(name, shape):
    """Convolutions and heads are uniform with the variance of He et al. 2015 (fan-out) and 1/sqrt(fan-in) as bound.
    Blocks start small (gamma of bn2 near 1/4): rounding then takes some ten steps to flip the first ReLU, so that a run
    in float32 says something about the arithmetic and not only about chaos."""
    count = math.prod(shape)
    spread = drawn("weights/" + name, count)
    if len(shape) == 4:
        values = math.sqrt(6 / (shape[0] * shape[2] * shape[3])) * spread
    elif name.startswith("heads."):
        values = 0.125 * spread
    elif name.endswith(("running_var", "weight")):
        values = (1 + 0.25 * spread) * (0.25 if name.endswith(("bn2.weight", "bn3.weight")) else 1)
    else:
        values = 0.25 * spread
    return torch.from_numpy(values.reshape(shape))


@torch.no_grad()
def set_formula_state(net, buffers):
    """Sets every parameter to the values of its formula; if `buffers`, the running statistics as well."""
    for name, tensor in list(net.named_parameters()) + (list(net.named_buffers()) if buffers else []):
        if tensor.is_floating_point():
            tensor.copy_(formula_values(name, tuple(tensor.shape)))


def batch(step, images, side, classes, dtype):
    """Images that are noise around one pattern per class, so that a network can learn the classes."""
    labels = (units(f"labels/{step}", images) * classes).astype(np.int64)
    noise = drawn(f"images/{step}", images * 3 * side * side).reshape(images, 3, side, side)
    patterns = np.stack([drawn(f"pattern/{label}", 3 * side * side).reshape(3, side, side) for label in labels])
    return torch.from_numpy(patterns + 0.5 * noise).to(dtype), torch.from_numpy(labels)
