#!/usr/bin/env python3
"""Writes resized_crop.json: what Pillow makes of random resized crops, and how their areas and aspects are distributed.

    python3 tests/golden/make_resized_crop.py          (needs numpy and Pillow)

The draws are those of data/batches/augment.cpp, counter by counter, so that both start from the same crops; what is done with a
crop is written here after the specification alone. Images come from formula.py under the names "photo<i>".
"""

import json
import math
import pathlib

import numpy as np
import PIL
from PIL import Image

from formula import units

SIDE, PAD, SEED, TASK, EPOCH, FIRST = 32, 4, 1234, 2, 7, 100
STREAM_AUGMENT = 4
SAMPLES = 6


def philox(key, counter):
    """Philox4x32-10: Salmon, Moraes, Dror, Shaw 2011."""
    low, high = key
    x = list(counter)
    for _ in range(10):
        a, b = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [(b >> 32) ^ x[1] ^ low, b & 0xFFFFFFFF, (a >> 32) ^ x[3] ^ high, a & 0xFFFFFFFF]
        low, high = (low + 0x9E3779B9) & 0xFFFFFFFF, (high + 0xBB67AE85) & 0xFFFFFFFF
    return x


KEY = philox((SEED & 0xFFFFFFFF, SEED >> 32), (STREAM_AUGMENT, 0, 0, 0))[:2]


def uniform(sample, draw, low, high):
    w = philox(KEY, (TASK, EPOCH, sample, draw))
    return low + (high - low) * (((w[0] << 32 | w[1]) >> 11) * 2.0**-53)


def integer(sample, draw, most):
    w = philox(KEY, (TASK, EPOCH, sample, draw))
    return (w[0] * (most + 1) + (w[1] * (most + 1) >> 32)) >> 32


def crop_of(sample, side):
    """(top, left, height, width) inside a square of `side` pixels."""
    for attempt in range(10):
        draw = 4 + 4 * attempt
        area = uniform(sample, draw, 0.08, 1) * side * side
        aspect = math.exp(uniform(sample, draw + 1, math.log(3 / 4), math.log(4 / 3)))
        width, height = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if 0 < width <= side and 0 < height <= side:
            return integer(sample, draw + 2, side - height), integer(sample, draw + 3, side - width), height, width
    return 0, 0, side, side


def photo(i):
    """Noise, a ramp and a step, in three channels: (3, 32, 32) bytes."""
    noise = (units(f"photo{i}", SIDE * SIDE) * 256).astype(np.uint8).reshape(SIDE, SIDE)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    return np.stack([noise, (4 * x + 3 * y).astype(np.uint8), np.where((x + i) % 16 < 8, 250, 10).astype(np.uint8)])


def augmented(i):
    sample = FIRST + i
    padded = np.zeros((SIDE + 2 * PAD, SIDE + 2 * PAD, 3), np.uint8)
    padded[PAD:-PAD, PAD:-PAD] = photo(i).transpose(1, 2, 0)
    top, left, height, width = crop_of(sample, SIDE + 2 * PAD)
    image = Image.fromarray(padded).crop((left, top, left + width, top + height))
    # Rows before columns: one call does so up to Pillow 12; from 13 on it depends on the shape.
    for size in (SIDE, height), (SIDE, SIDE):
        image = image.resize(size, Image.Resampling.BILINEAR)
    if integer(sample, 0, 1):
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return {"crop": [top, left, height, width], "pixels": np.asarray(image).transpose(2, 0, 1).tobytes().hex()}


def distribution(side, count=200000):
    """Deciles of the accepted crops' areas (as shares) and log-aspects, by NumPy's own generator."""
    rng = np.random.default_rng(5)
    areas, aspects = [], []
    while len(areas) < count:
        area, log_aspect = rng.uniform(0.08, 1) * side * side, rng.uniform(math.log(3 / 4), math.log(4 / 3))
        width, height = round(math.sqrt(area * math.exp(log_aspect))), round(math.sqrt(area / math.exp(log_aspect)))
        if width <= side and height <= side:
            areas.append(width * height / side**2)
            aspects.append(math.log(width / height))
    tenths = np.arange(1, 10) / 10
    return {"area_deciles": np.quantile(areas, tenths).tolist(), "log_aspect_deciles": np.quantile(aspects, tenths).tolist()}


def main():
    header = {"made_by": "tests/golden/make_resized_crop.py", "pillow": PIL.__version__, "seed": SEED, "task": TASK, "epoch": EPOCH, "first_sample": FIRST}
    rows = ",\n".join(json.dumps(augmented(i)) for i in range(SAMPLES))
    text = json.dumps({**header, **distribution(40)})[:-1] + ', "samples": [\n' + rows + "\n]}\n"
    json.loads(text)
    (pathlib.Path(__file__).parent / "resized_crop.json").write_text(text)


if __name__ == "__main__":
    main()
