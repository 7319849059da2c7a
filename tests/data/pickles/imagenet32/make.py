# Writes the pickles beside it: two images of ImageNet-32 as its authors wrote batches, and two that are wrong.
#   python3 make.py      (with NumPy)
# Pixel k of image n is (7 n + k) mod 251.
import pickle

import numpy

data = numpy.array([[(7 * n + k) % 251 for k in range(3072)] for n in range(2)], dtype=numpy.uint8)
batch = {"data": data, "labels": [1, 1000], "mean": data.mean(axis=0)}


def write(name, content, protocol):
    with open(f"{name}.pickle", "wb") as out:
        pickle.dump(content, out, protocol)


write("protocol2", batch, 2)
write("protocol4", batch, 4)
small = batch | {"mean": data.mean(axis=0)[:1]}
write("label-0", small | {"labels": [1, 0]}, 4)
write("float-images", small | {"data": data.mean(axis=0)[:4]}, 4)
