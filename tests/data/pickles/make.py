# Writes the pickles beside it: three CIFAR-100 records as each Python and NumPy writes them.
#   python2 make.py py2; python3 make.py numpy1 (with NumPy 1.26); python3 make.py numpy2 (with NumPy 2)
# Pixel k of image n is (7 n + k) mod 251.
import pickle
import sys

import numpy

if sys.version_info[0] == 2:
    import cPickle as pickle

data = numpy.array([[(7 * n + k) % 251 for k in range(3072)] for n in range(3)], dtype=numpy.uint8)
records = {
    b"filenames": [b"bos_taurus_s_000507.png", b"stegosaurus_s_000125.png", b"mcintosh_s_000643.png"],
    b"batch_label": b"training batch 1 of 1",
    b"fine_labels": [19, 29, 0],
    b"coarse_labels": [11, 15, 4],
    b"data": data,
}
for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
    with open("%s-protocol%d.pickle" % (sys.argv[1], protocol), "wb") as out:
        pickle.dump(records, out, protocol)
