# Writes the pickles beside it: the labels [19, 29, 0], and a 2 x 3 array, as users' programs write them anew.
#   python3 make.py
import collections
import pathlib
import pickle

import numpy

here = pathlib.Path(__file__).parent
labels = [19, 29, 0]
pixels = numpy.arange(6, dtype=numpy.uint8).reshape(2, 3)
kinds = {
    "list": labels,
    "tuple": tuple(labels),
    "numpy-numbers": [numpy.int64(label) for label in labels],
    "objects": numpy.array(labels, dtype=object),
    "column": numpy.array(labels).reshape(3, 1),
    **{f"array-{kind}": numpy.array(labels, dtype=kind) for kind in ("i1", "u1", "i2", ">i2", "u4", ">i4", "i8", ">u8")},
}
extra = {
    "a float": 0.5,
    "a large number": 2**40,
    "a set": {1, 2},
    "a frozen set": frozenset([3]),
    "bytes": bytearray(b"\x00\xff'\n"),
    "no bytes": b"",
    "text": "é\n\\u",
    "ordered": collections.OrderedDict(a=1),
    "texts": numpy.array(["one", "three"]),
    "floats": numpy.linspace(0, 1, 3),
    "nothing": numpy.zeros((0, 3)),
    "a NumPy float": numpy.float32(1.5),
    "true": numpy.bool_(True),
    "a mean": {"deep": [None, True, (1, -2)]},
}
for name, value in kinds.items():
    record = {"labels": value, "fortran": numpy.asfortranarray(pixels), "plain": pixels, **extra}
    for protocol in range(6):
        if protocol in (0, 2, 5) or name == "list":
            (here / f"{name}-protocol{protocol}.pickle").write_bytes(pickle.dumps(record, protocol))
(here / "float-labels.pickle").write_bytes(pickle.dumps({"labels": numpy.array([1.0, 2.0])}, 4))
(here / "two-axes.pickle").write_bytes(pickle.dumps({"labels": numpy.zeros((2, 2), dtype=int)}, 4))
(here / "no-label.pickle").write_bytes(pickle.dumps({"labels": [1, "two"], b"data": 1}, 4))
