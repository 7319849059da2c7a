# Writes the seeds in corpus/: for every target a few small inputs that are read (good-*) and some that are refused.
#   python3 tests/fuzz/make_corpus.py      (with NumPy, SciPy and Pillow)
import gzip
import hashlib
import io
import json
import pathlib
import pickle
import struct
import zlib

import numpy
import PIL.Image
import scipy.io

corpus = pathlib.Path(__file__).parent / "corpus"


def write(target, name, content):
    folder = corpus / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def safetensors(header, data):
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def entry(kind, shape, begin, end):
    return {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}


def checkpoint(body):
    return b"mneme checkpoint " + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def records(**changes):
    data = numpy.array([[(k // 64) % 251 for k in range(3072)]], dtype=numpy.uint8)
    content = {b"fine_labels": [19], b"coarse_labels": [11], b"data": data}
    content.update({key.encode(): value for key, value in changes.items()})
    return content


image = bytes(k // 64 % 251 for k in range(3072))
write("cifar_binary", "good-one", bytes([11, 19]) + image)
write("cifar_binary", "label-of-no-class", bytes([11, 200]) + image)
write("cifar_binary", "cut", bytes([11, 19]) + image[:100])

for protocol in (2, 4, 5):
    write("cifar_python", f"good-protocol{protocol}", pickle.dumps(records(), protocol))
write("cifar_python", "labels-missing", pickle.dumps({b"data": records()[b"data"]}, 2))
write("cifar_python", "labels-too-many", pickle.dumps(records(fine_labels=[1, 2]), 2))

small = numpy.arange(6, dtype=numpy.uint8).reshape(2, 3)
everything = {"text": "é", b"bytes": b"\x00\xff", "numbers": [0, -1, 255, 65536, -(2**40)], "nested": ((), [{}], (1, 2, 3, 4))}
for protocol in (2, 3, 4, 5):
    write("pickle", f"good-values{protocol}", pickle.dumps([everything, everything, None, True], protocol))
    write("pickle", f"good-array{protocol}", pickle.dumps({"a": small}, protocol))
for protocol in (0, 1, 2, 4):
    labels = {"i8": numpy.arange(3), ">i2": numpy.arange(3, dtype=">i2"), "scalars": [numpy.int64(-3), numpy.float32(1)],
              "objects": numpy.array([1, 2], dtype=object), "fortran": numpy.asfortranarray(small), "sets": [{1}, frozenset([2])],
              "texts": numpy.array(["a", "bc"]), "bytes": bytearray(b"\n'"), "more": [0.5, 2**40, -(2**62), "é\n\\u0041"]}
    write("pickle", f"good-users{protocol}", pickle.dumps(labels, protocol))
write("pickle", "calls-a-program", b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R.")
write("pickle", "array-of-floats", pickle.dumps(numpy.ones(2), 2))

floats = struct.pack("<2f", 1, -2)
header = {
    "__metadata__": {"classes": "2"},
    "a": entry("F32", [2], 0, 8),
    "b": entry("F16", [1, 2], 8, 12),
    "c": entry("BF16", [], 12, 14),
    "d": entry("I64", [1], 14, 22),
    "e": entry("U8", [0, 3], 22, 22),
}
good = safetensors(header, floats + bytes([0, 0x3C, 1, 0, 0x80, 0x3F]) + struct.pack("<q", -7))
write("safetensors", "good-types", good)
write("safetensors", "good-none", safetensors({}, b""))
write("safetensors", "overlap", safetensors({"a": entry("F32", [1], 0, 4), "b": entry("F32", [1], 0, 4)}, floats[:4]))
write("safetensors", "huge-shape", safetensors({"a": entry("F32", [2**31, 2**31], 0, 8)}, floats))

values = {"format": 2, "task": 1, "train": {"stage": "train", "epoch": 1}, "epochs": [], "task_aware": [[0.5]]}
body = safetensors(
    {"__metadata__": {"values": json.dumps(values)}, "net.fc.weight": entry("F32", [1, 2], 0, 8), "velocity": entry("F64", [1], 8, 16)},
    floats + struct.pack("<d", 0.25),
)
write("checkpoint", "good", checkpoint(body))
write("checkpoint", "checksum", checkpoint(body)[:-1] + b"x")
write("checkpoint", "values-missing", checkpoint(good))

write("config", "good", '# a comment\nepochs = 3\nmethod = lwf\nseeds = 1,2\nmilestones = 0.5,0.75\nnesterov = true\nout = "a b"\n')
write("config", "unknown", "epoch = 3\n")
write("config", "out-of-range", "epochs = -3\nlr = nan\nmemory-per-class = 99999999999999999999\n")

write("class_order", "good", ",".join(str(k * 7 % 100) for k in range(100)) + "\n")
write("class_order", "good-few", "3 1\t2\r\n")
write("class_order", "twice", "1,2,1")
write("class_order", "outside", "1,100,-1")

ledger = "task,class,rank,index,distance\n"
write("exemplar_ledger", "good", ledger + "1,0,0,41,0.25\n1,0,1,7,1e-300\n1,3,0,12,0\n2,0,0,41,0.25\n")
named_ledger = "task,class,name,original_label,rank,index,distance\n"
write("exemplar_ledger", "good-names", named_ledger + '1,0,"a, ""b""\nc",7,0,41,0.25\n1,0,,,1,7,1e-300\n')
write("exemplar_ledger", "names-missing", named_ledger + "1,0,0,41,0.25\n")
write("exemplar_ledger", "ranks", ledger + "1,0,1,41,0.25\n")
write("exemplar_ledger", "class", ledger + "1,100,0,41,0.25\n")
write("exemplar_ledger", "cells", ledger + "1,0,0,41\n")

batch = {"data": records()[b"data"], "labels": [1000], "mean": numpy.linspace(0, 1, 3072)}
for protocol in (2, 4):
    write("imagenet32", f"good-protocol{protocol}", pickle.dumps(batch, protocol))
write("imagenet32", "label-0", pickle.dumps(batch | {"labels": [0]}, 4))
write("imagenet32", "floats", pickle.dumps(batch | {"data": batch["mean"]}, 4))


def mat(compressed, **arrays):
    out = io.BytesIO()
    scipy.io.savemat(out, arrays, do_compression=compressed)
    return b"MATLAB 5.0 MAT-file".ljust(116) + out.getvalue()[116:]  # without the date


x = numpy.arange(4 * 4 * 3 * 2, dtype=numpy.uint8).reshape(4, 4, 3, 2)
y = numpy.array([[1], [10]], dtype=numpy.uint8)
write("mat_file", "good-plain", mat(False, X=x, y=y))
write("mat_file", "good-compressed", mat(True, X=x, y=y.astype(float), note="more"))
write("mat_file", "fractions", mat(True, X=x, y=y / 3))
write("mat_file", "struct", mat(False, X={"a": x, "b": [y]}, y=y))


def image(kind, mode, **options):
    out = io.BytesIO()
    PIL.Image.fromarray(x[:, :, :, 0]).resize((9, 7)).convert(mode).save(out, kind, **options)
    return out.getvalue()


def write_image(name, content):
    """For libjpeg-turbo and for stb_image."""
    write("image_file", name, content)
    write("image_file_stb", name, content)


for kind, mode, options in (
    ("jpeg", "RGB", {}), ("jpeg", "L", {}), ("jpeg", "CMYK", {}), ("jpeg", "RGB", {"progressive": True}),
    ("png", "RGB", {}), ("png", "P", {}), ("png", "LA", {}),
):
    write_image(f"good-{kind}-{mode}{'-progressive' if options else ''}", image(kind, mode, **options))
write_image("text", "no image")
png = image("png", "RGB")
huge = png[12:16] + struct.pack(">2I", 15000, 15000) + png[24:29]
write_image("huge", png[:12] + huge + struct.pack(">I", zlib.crc32(huge)) + png[33:])
turned = PIL.Image.Exif()
turned[0x0112] = 6
write_image("good-jpeg-turned", image("jpeg", "RGB", exif=turned, restart_marker_blocks=1))
write_image("good-png-turned", image("png", "RGB", exif=turned))
inks = image("jpeg", "CMYK")
write_image("good-jpeg-YCCK", inks.replace(b"Adobe\0d\0\0\0\0\0", b"Adobe\0d\0\0\0\0\2"))
large = io.BytesIO()
PIL.Image.fromarray(x[:, :, :, 0]).resize((80, 64)).save(large, "jpeg", quality=30)
write_image("good-jpeg-64x80", large.getvalue())
write_image("no-end", large.getvalue()[:-2])


def text(t):
    return struct.pack("<I", len(t.encode())) + t.encode()


def entry_of_pack(offset, height, width, label):
    return struct.pack("<Q4I", offset, height, width, label, 0)


def pack(entries, test=1, classes=("a", "b"), remarks=None):
    """One of no pixels at all, so that whatever an index points at is outside, unless it is empty."""
    index = text("source") + struct.pack("<I", len(classes)) + b"".join(map(text, classes))
    index += struct.pack("<2I", len(entries) - test, test) + b"".join(entries)
    if remarks is not None:
        index += struct.pack("<I", len(remarks)) + b"".join(map(text, remarks))
    header = b"mneme pictures 1\n".ljust(32, b"\0") + struct.pack("<2Q", 128, len(index)) + hashlib.sha256(index).hexdigest().encode()
    return header.ljust(128, b"\0") + index


write("image_pack", "good-none", pack([], 0))
write("image_pack", "good-classes", pack([], 0, ["n01440764", "é"]))
write("image_pack", "outside", pack([entry_of_pack(128, 2, 3, 0), entry_of_pack(146, 1, 1, 1)]))
write("image_pack", "too-many-classes", pack([], 0).replace(text("source") + struct.pack("<I", 2), text("source") + struct.pack("<I", 2**31)))
write("image_pack", "text", "mneme pictures 1\n")

write("image_pack", "good-remarks", pack([], 0, remarks=["1 x empty file (a.jpg)", "é"]))
write("image_pack", "no-remarks", pack([], 0, remarks=[]))

mark = "\ufeff"
write("text_lines", "good-editors", mark + "one\r\n\r\n \ttwo words \t\rthree\n\n'four'\n\"five\"")
write("text_lines", "good-empty", "")
write("text_lines", "utf-16", "one\n".encode("utf-16"))
write("text_lines", "zeros", "one\0two\n")
write("text_lines", "web-page", "\n<!DOCTYPE html><p>one\n")

write("csv", "good-quotes", mark + "a;b\r\n\"1;\"\"2\"\"\";\"3\n4\"\r\n\n 5 ; \"6\" \n")
write("csv", "good-commas", "a,b,c\n1,,\n,5\" wide,\"\"")
write("csv", "not-closed", "a,b\n\"1,2\n3,4\n")
write("csv", "behind-a-quote", "a\n\"1\"2\n")

idx = struct.pack(">4B3I", 0, 0, 8, 3, 2, 2, 3)
write("idx", "good-plain", idx + bytes(range(12)))
write("idx", "good-packed", gzip.compress(idx + bytes(range(12)), mtime=0))
write("idx", "good-none", struct.pack(">4B3I", 0, 0, 8, 3, 0, 28, 28))
write("idx", "floats", struct.pack(">4B3I", 0, 0, 13, 3, 1, 1, 1) + bytes(4))
write("idx", "labels", struct.pack(">4BI", 0, 0, 8, 1, 2) + b"\0\1")
write("idx", "cut", idx + bytes(11))
write("idx", "longer", idx + bytes(13))
write("idx", "packed-longer", gzip.compress(idx + bytes(13), mtime=0))
write("idx", "packed-cut", gzip.compress(idx + bytes(range(12)), mtime=0)[:-3])
write("idx", "terabytes", struct.pack(">4B3I", 0, 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1))

write("list_file", "good-editors", mark + "\"a b.jpg\"\t\"0\" \r\n\r\n'c.jpg' 1\r\n /d/e.jpg 1")
write("list_file", "good-plain", "a/one.jpg 0\r\ntwo words.jpg\t1\n# comment\n\nthree.jpg 0")
write("list_file", "good-names", "# class cat\n# class sea lion\na.jpg 1\n")
write("list_file", "twice", "a.jpg 0\na.jpg 0\n")
write("list_file", "label-too-large", "a.jpg 2147483647\n")
write("list_file", "no-label", "a.jpg\n")

rows = [f"{number:016x},\"https://x/a,b.jpg\",{landmark}" for number, landmark in enumerate([7, 7, 3, 3, 3, 9])]
write("landmarks", "good-header", "id,url,landmark_id\n" + "\n".join(rows) + "\n")
write("landmarks", "good-no-header", "\r\n".join(rows))
write("landmarks", "good-columns", mark + "landmark_id\tid\r\n" + "\r\n".join(f"{i % 2}\t\"{i:016x}\"" for i in range(6)))
write("landmarks", "other-columns", "landmark_id,images\n1,2\n")
write("landmarks", "id-twice", "\n".join(rows + rows[:1]))
write("landmarks", "no-landmark", rows[0][:-1])
write("landmarks", "path-as-id", "../../../../etc/,x,1\n")


def stored_run(confusion, summary=None, **more):
    rows = [[1.0], [0.5, 1.0]]
    files = {
        "summary.json": json.dumps(
            {"method": "m", "data_set": "d", "seed": 1, "classes_per_task": [1, 1], "protocol": "p", "data_id": "i",
             "accuracy_task_aware": rows, "accuracy_task_agnostic": rows, "remarks": ["r"],
             "published": [{"key": "final_accuracy_task_agnostic", "value": 0.5, "source": "s"}]} | (summary or {})),
        "run.json": json.dumps({"method": {"name": "m", "sampler": "ratio"}, "preset": "", "seed": 1}),
        "metrics.jsonl": '{"task": 0, "epoch": 1, "stage": "train", "loss": null, "lr": 0.1, "alpha": 0.5}',
        "confusion.csv": confusion,
        "last_layer.csv": "h\n0,0,0,1,2,3\n1,0,0,1,2,3\n1,1,1,1,2,3",  # format 1, which counts from 0
    } | more
    return "".join(f"=== {name}\n{content}\n" for name, content in files.items())


write("stored_run", "good-two-tasks", stored_run("h,0,1\n0,3,1\n1,0,4"))
write("stored_run", "good-without-last-layer", stored_run("h,0,1\n0,3,1\n1,0,0").split("=== last_layer.csv")[0])
named_layers = "after_task,task,class,name,original_label,w,b,m\n0,0,0,a,7,1,2,3\n1,0,0,a,7,1,2,3\n1,1,1,b,5,1,2,nan"
write("stored_run", "good-names", stored_run("true_class,true_name,original_label,predicted_0,predicted_1\n"
                                             '0,"a, b",7,3,1\n1,c,5,0,4', **{"last_layer.csv": named_layers}))
sparse = "true_class,true_name,true_original_label,predicted_class,predicted_name,predicted_original_label,images\n"
write("stored_run", "good-sparse", stored_run(sparse + "0,a,7,1,c,5,2\n1,c,5,1,c,5,4"))
write("stored_run", "sparse-negative", stored_run(sparse + "0,a,7,1,c,5,-2"))
write("stored_run", "confusion-of-one-class", stored_run("h,0\n0,3"))
write("stored_run", "confusion-negative", stored_run("h,0,1\n0,3,-1\n1,0,4"))
write("stored_run", "many-classes", stored_run("h,0,1\n0,3,1\n1,0,4", {"classes_per_task": [2**31 - 1, 2**31 - 1]}))
write("stored_run", "published-unknown", stored_run("h", {"published": [{"key": "k", "value": 1, "source": "s"}]}))
