#!/usr/bin/env python3
"""docs/trained-models.md's lines of PyTorch rebuild a trained network and reach the run's accuracy exactly.

    MNEME_PROGRAMS=build/apps python3 tests/tools/test_trained_model.py        (needs torch, numpy and safetensors)

Without them the test is skipped (77). With MNEME_CIFAR100 set to a folder with the binary layout and MNEME_RUN to a run
on it, that run's last model is checked on CIFAR-100's own test images as well.
"""

import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

try:
    import numpy
    import safetensors
    import torch
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ["MNEME_PROGRAMS"]).resolve()
CLASSES = (3, 71, 5, 90, 12, 48)


def python_of_the_page():
    """The page's two blocks of Python: the network, and the accuracy."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/trained-models.md").read_text(), re.DOTALL)
    assert len(blocks) == 2 and len(blocks[0].splitlines()) == 15, "fifteen lines were promised"
    return blocks


def write_records(file, per_class, seed):
    """Noise around one pattern per class, in CIFAR-100's binary layout; every class has a superclass of its own."""
    patterns, noise = random.Random(1), random.Random(seed)
    records = bytearray()
    for label in CLASSES:
        pattern = patterns.randbytes(3072)
        for _ in range(per_class):
            records += bytes((label % 20, label))
            records += bytes((p + 2 * n) // 3 for p, n in zip(pattern, noise.randbytes(3072)))
    file.write_bytes(records)


def check(model, test_bin):
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.symlink(model, "task.safetensors")
        os.symlink(test_bin, "test.bin")
        printed = []
        namespace = {"print": lambda *values: printed.append(values)}
        for block in python_of_the_page():
            exec(block, namespace)
        (theirs, ours), = printed
        print(f"PyTorch {theirs}, the run {ours}")
        assert theirs == ours, f"PyTorch reaches {theirs}, the run reached {ours}"
        os.chdir(ROOT)


def check_onnx(model, out):
    """tests/golden/to_onnx.py's copy of the network computes PyTorch's logits in ONNX Runtime."""
    sys.path.insert(0, str(ROOT / "tests" / "golden"))
    try:
        import to_onnx
    except ImportError as missing:
        return print(f"without ONNX: {missing}")
    difference = to_onnx.check(model, out)
    print(f"ONNX Runtime differs by {difference:.1e}")
    assert difference < 1e-5


def main():
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        data = folder / "cifar-100-binary"
        data.mkdir()
        write_records(data / "train.bin", 30, seed=2)
        write_records(data / "test.bin", 20, seed=3)
        run = folder / "run"
        subprocess.run([PROGRAMS / "cifar100", "--data", folder, "--order", ",".join(map(str, CLASSES)), "--tasks", "2",
                        "--epochs", "2", "--batch-size", "30", "--network", "resnet32", "--quiet", "--out", run],
                       check=True, stdout=subprocess.DEVNULL)
        model = sorted((run / "models").iterdir())[-1]
        check(model, data / "test.bin")
        check_onnx(model, folder / "model.onnx")
    if "MNEME_CIFAR100" in os.environ and "MNEME_RUN" in os.environ:
        models = sorted((pathlib.Path(os.environ["MNEME_RUN"]) / "models").resolve().iterdir())
        check(models[-1], pathlib.Path(os.environ["MNEME_CIFAR100"]).resolve() / "test.bin")


if __name__ == "__main__":
    main()
