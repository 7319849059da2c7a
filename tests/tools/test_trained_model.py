#!/usr/bin/env python3
"""Trained models and PyTorch: docs/trained-models.md's lines rebuild a trained network and reach the run's accuracy
exactly, `predict` prints PyTorch's logits, and torchvision's weights begin a run.

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
import types
import zlib

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
    """The page's blocks of Python: the network, its accuracy, and how torchvision's weights are saved."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/trained-models.md").read_text(), re.DOTALL)
    assert len(blocks) == 3 and len(blocks[0].splitlines()) == 15, "fifteen lines were promised"
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


def write_png(file, pixels):
    """Pixels (H, W, 3) as an 8-bit PNG without any filter."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)

    def chunk(name, content):
        checked = name + content
        return len(content).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 2, 0, 0, 0))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) +
                     chunk(b"IEND", b""))


def check_logits(program, run, pictures, logits_of):
    """`predict` prints, for pictures (N, H, W, 3), the logits that PyTorch computes in float64 from the same file."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for i, pixels in enumerate(pictures):
            write_png(folder / f"{i:03}.png", pixels)
        said = subprocess.run([PROGRAMS / program, "predict", run, folder, "--format", "jsonl", "--logits"], check=True,
                              capture_output=True, text=True)
    ours = torch.tensor([json.loads(line)["logits"] for line in said.stdout.splitlines()], dtype=torch.float64)
    pixels = torch.from_numpy(pictures).permute(0, 3, 1, 2)
    with torch.no_grad():
        theirs, single = logits_of(pixels.double()), logits_of(pixels.float())
    largest = theirs.abs().max().item()
    difference, of_single = ((z - theirs).abs().max().item() for z in (ours, single))
    print(f"{program} predict: {ours.shape[0]} pictures, the largest logit {largest:.2f}, the largest difference from "
          f"float64 {difference:.1e}; PyTorch's own float32 {of_single:.1e}")
    assert difference < 1e-5 * max(1, largest)


def check_small(model, run, test_bin):
    """The logits of a ResNet-32, by the page's own lines."""
    records = numpy.fromfile(test_bin, numpy.uint8).reshape(-1, 3074)[::7]
    pictures = numpy.ascontiguousarray(records[:, 2:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.symlink(model, "task.safetensors")
        namespace = {}
        exec(python_of_the_page()[0], namespace)
        os.chdir(ROOT)
    weights = namespace["w"]
    single = dict(weights)

    def logits(pixels):
        weights.update({name: tensor.to(pixels.dtype) for name, tensor in single.items()})
        return namespace["logits"](pixels)

    check_logits("cifar100", run, pictures, logits)


def resnet18(classes):
    """torchvision's ResNet-18 with random weights, or the same network under the same names where torchvision is missing."""
    torch.manual_seed(1)
    try:
        from torchvision.models import resnet18 as theirs
        return theirs(weights=None, num_classes=classes)
    except ImportError:
        sys.path.insert(0, str(ROOT / "tests" / "golden"))
        from resnet import stage

    class ResNet18(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = torch.nn.Conv2d(3, 64, 7, 2, 3, bias=False)
            self.bn1 = torch.nn.BatchNorm2d(64)
            for k, (wide, stride) in enumerate(((64, 1), (128, 2), (256, 2), (512, 2))):
                setattr(self, f"layer{k + 1}", stage(max(64, wide // 2) if k else 64, wide, stride, 2))
            self.fc = torch.nn.Linear(512, classes)

        def forward(self, x):
            x = torch.nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
            return self.fc(self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3)))

    return ResNet18()


def check_large(folder):
    """A ResNet-18 that begins with weights saved by the page's lines, and its logits by torchvision's names."""
    start, plain_net = resnet18(1000), resnet18(4)
    # The page's lines would fetch weights; a module by the same name gives random ones.
    in_place_of_torchvision = types.ModuleType("torchvision")
    in_place_of_torchvision.models = types.SimpleNamespace(resnet18=lambda weights: start)
    before = sys.modules.get("torchvision")
    sys.modules["torchvision"] = in_place_of_torchvision
    os.chdir(folder)
    exec(python_of_the_page()[2], {})
    os.chdir(ROOT)
    sys.modules["torchvision"] = before
    draw = numpy.random.default_rng(1)
    patterns = draw.integers(0, 256, (4, 74, 80, 3))
    for label, pattern in enumerate(patterns):
        for i in range(8):
            noisy = (pattern + 2 * draw.integers(0, 256, pattern.shape)) // 3
            write_png(folder / "pictures" / f"class{label}" / f"{i}.png", noisy.astype(numpy.uint8))
    run, plain = folder / "large", folder / "plain.safetensors"
    subprocess.run([PROGRAMS / "pictures", "--data", folder / "pictures", "--network", "resnet18", "--pretrained",
                    folder / "resnet18.safetensors", "--image-size", "64", "--tasks", "2", "--epochs", "1", "--batch-size",
                    "8", "--lr", "0.01", "--quiet", "--out", run], check=True, capture_output=True)
    subprocess.run([PROGRAMS / "report", "model", run, "--merge-heads", plain], check=True, stdout=subprocess.DEVNULL)
    from safetensors import safe_open
    with safe_open(plain, "pt") as file:
        about = json.loads(file.metadata()["mneme"])["image"]
        state = {name: file.get_tensor(name) for name in file.keys()}
    net = plain_net
    left = net.load_state_dict(state, strict=False)
    assert not left.unexpected_keys and all(k.endswith("num_batches_tracked") for k in left.missing_keys), left
    net = net.eval()
    assert about["resize_short_side"] == 74, about  # so that no picture has to be resized here
    mean, std = (torch.tensor(about[k]).view(1, 3, 1, 1) for k in ("mean", "std"))
    pictures = draw.integers(0, 256, (5, 74, 80, 3)).astype(numpy.uint8)
    check_logits("pictures", run, pictures, lambda x: net.to(x.dtype)((x[:, :, 5:69, 8:72] / 255 - mean) / std))


def check(model, test_bin):
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.symlink(model, "task.safetensors")
        os.symlink(test_bin, "test.bin")
        printed = []
        namespace = {"print": lambda *values: printed.append(values)}
        for block in python_of_the_page()[:2]:
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
        check_small(model, run, data / "test.bin")
        check_large(folder)
    if "MNEME_CIFAR100" in os.environ and "MNEME_RUN" in os.environ:
        models = sorted((pathlib.Path(os.environ["MNEME_RUN"]) / "models").resolve().iterdir())
        check(models[-1], pathlib.Path(os.environ["MNEME_CIFAR100"]).resolve() / "test.bin")


if __name__ == "__main__":
    main()
