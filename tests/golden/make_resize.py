#!/usr/bin/env python3
"""Writes resize.json: what Pillow makes of parts of pictures, resized.

    python3 tests/golden/make_resize.py          (needs numpy and Pillow)

Pictures come from formula.py: a plane of noise, one of ramps and one of steps. Of large results the SHA-256 is stored.
"""

import hashlib
import json
import pathlib

import numpy as np
import PIL
from PIL import Image

from formula import units

# height, width of the picture; top, left, height, width of the box; height, width of the result
CASES = [
    (37, 53, (0, 0, 37, 53), (20, 24)),
    (37, 53, (5, 7, 20, 31), (32, 32)),
    (37, 53, (1, 2, 9, 40), (24, 8)),
    (37, 53, (36, 52, 1, 1), (3, 5)),
    (37, 53, (3, 4, 24, 24), (24, 24)),
    (37, 53, (0, 0, 37, 53), (1, 1)),
    (375, 500, (40, 61, 300, 221), (224, 224)),
    (375, 500, (0, 0, 375, 500), (256, 341)),
    (1377, 1836, (0, 0, 1377, 1836), (256, 341)),
    (64, 64, (0, 0, 64, 64), (256, 256)),
]


def picture(height, width):
    noise = (units(f"picture{height}x{width}", height * width) * 256).astype(np.uint8).reshape(height, width)
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.stack([noise, (4 * x + 3 * y).astype(np.uint8), np.where((x + y) % 16 < 8, 250, 10).astype(np.uint8)], 2))


def planes(image):
    return np.asarray(image).transpose(2, 0, 1).tobytes()


def row(height, width, box, size):
    top, left, h, w = box
    image = picture(height, width).crop((left, top, left + w, top + h))
    # Rows before columns: one call does so up to Pillow 12; from 13 on it depends on the shape.
    steps = image.resize((size[1], h), Image.Resampling.BILINEAR).resize((size[1], size[0]), Image.Resampling.BILINEAR)
    result = {"picture": [height, width], "box": box, "size": size, "sha256": hashlib.sha256(planes(steps)).hexdigest()}
    if size[0] * size[1] <= 1024:
        result["one_call"] = planes(image.resize((size[1], size[0]), Image.Resampling.BILINEAR)).hex()
    return result


def main():
    header = {"made_by": "tests/golden/make_resize.py", "pillow": PIL.__version__}
    rows = ",\n".join(json.dumps(row(*case)) for case in CASES)
    text = json.dumps(header)[:-1] + ', "cases": [\n' + rows + "\n]}\n"
    json.loads(text)
    (pathlib.Path(__file__).parent / "resize.json").write_text(text)


if __name__ == "__main__":
    main()
