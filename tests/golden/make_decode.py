#!/usr/bin/env python3
"""Writes decode.json: small pictures of every kind as files, and what Pillow decodes them to; and samples.json.

    python3 tests/golden/make_decode.py FOLDER          (needs numpy and Pillow)

FOLDER holds full-size ImageNet pictures. Of these only sizes, SHA-256 and some pixels are stored. Pixels are
exif_transpose(image).convert("RGB") in planes; some are None, where Pillow refuses the file too.
"""

import hashlib
import io
import json
import pathlib
import struct
import sys

import numpy as np
import PIL
from PIL import Image, ImageOps

from formula import units

HERE = pathlib.Path(__file__).parent


def photo(height, width):
    """Smooth colours, an edge and a little noise."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [20 * np.sin(y / 3) + 100 + 4 * x, 9 * y + 2 * x + 20, np.where(x + y < 18, 40, 210)]
    noise = (units(f"photo{height}x{width}", height * width) * 16).reshape(height, width)
    return Image.fromarray(np.stack([np.clip(p + noise, 0, 255) for p in planes], 2).astype(np.uint8))


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(orientation, order):
    head = b"II*\0" if order == "<" else b"MM\0*"
    entries = [(0x010F, 2, 4, b"abc\0"), (0x0112, 3, 1, struct.pack(order + "HH", orientation, 0))]
    directory = b"".join(struct.pack(order + "HHI", *entry[:3]) + entry[3] for entry in entries)
    return b"Exif\0\0" + head + struct.pack(order + "IH", 8, len(entries)) + directory + struct.pack(order + "I", 0)


def without_segment(jpeg, marker):
    at = jpeg.index(bytes([0xFF, marker]))
    length = struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    return jpeg[:at] + jpeg[at + 2 + length :]


def ycck(jpeg):
    """A file with the same numbers whose header says YCCK."""
    at = jpeg.index(b"Adobe")
    return jpeg[: at + 11] + b"\2" + jpeg[at + 12 :]


def cases():
    big, small, grey = photo(19, 13), photo(3, 5), photo(19, 13).convert("L")
    for sampling in "4:4:4", "4:2:2", "4:2:0":
        yield f"jpeg {sampling}", saved(big, "jpeg", quality=90, subsampling=sampling)
    yield "jpeg progressive", saved(big, "jpeg", progressive=True, quality=80)
    yield "jpeg restarts", saved(big, "jpeg", restart_marker_blocks=1)
    yield "jpeg grey", saved(grey, "jpeg")
    cmyk = saved(big.convert("CMYK"), "jpeg", quality=90)
    yield "jpeg cmyk", cmyk
    yield "jpeg cmyk without adobe", without_segment(cmyk, 0xEE)
    yield "jpeg ycck", ycck(cmyk)
    yield "jpeg keep_rgb", saved(big, "jpeg", keep_rgb=True, quality=90)
    for orientation in range(10):
        yield f"jpeg orientation {orientation}", saved(small, "jpeg", exif=exif(orientation, "<>"[orientation % 2]))
    yield "png rgb", saved(small, "png")
    yield "png grey", saved(small.convert("L"), "png")
    yield "png bit", saved(small.convert("1"), "png")
    yield "png palette", saved(small.convert("P"), "png")
    yield "png transparent", saved(small.convert("RGBA"), "png")
    yield "png grey transparent", saved(small.convert("LA"), "png")
    yield "png orientation 6", saved(small, "png", exif=exif(6, "<")[6:])
    plain = saved(big, "jpeg")
    yield "bad: cut", plain[: len(plain) // 2]
    yield "bad: no end", plain[:-2]
    yield "bad: no picture", plain[:20]
    yield "bad: empty", b""


def decoded(source):
    try:
        return np.asarray(ImageOps.exif_transpose(Image.open(source)).convert("RGB")).transpose(2, 0, 1)
    except OSError:
        return None


def case(name, file):
    pixels = decoded(io.BytesIO(file))
    shape = None if pixels is None else pixels.shape[1:]
    return {"name": name, "file": file.hex(), "size": shape, "pixels": shape and pixels.tobytes().hex()}


def sample(path):
    pixels = decoded(path)
    flat = pixels.reshape(-1)
    chosen = (units(path.name, 64) * flat.size).astype(int)
    return {"name": path.name, "size": pixels.shape[1:], "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(), "at": chosen.tolist(), "levels": flat[chosen].tolist()}


def write(name, rows):
    header = {"made_by": "tests/golden/make_decode.py", "pillow": PIL.__version__}
    text = json.dumps(header)[:-1] + ', "cases": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]}\n"
    json.loads(text)
    (HERE / name).write_text(text)


def main():
    write("decode.json", [case(*c) for c in cases()])
    write("samples.json", [sample(path) for path in sorted(pathlib.Path(sys.argv[1]).glob("*.JPEG"))])


if __name__ == "__main__":
    main()
