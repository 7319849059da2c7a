#!/usr/bin/env python3
"""Writes a trained model as ONNX, and checks that ONNX Runtime computes PyTorch's logits.

    python3 tests/golden/to_onnx.py models/task_10.safetensors model.onnx      (needs torch, safetensors, onnx, onnxruntime)

The network is docs/trained-models.md's, rebuilt from the file's metadata: ResNets for small images with linear heads.
The ONNX model takes pixels from 0 to 255, "pixels" (N, 3, H, W), normalises them itself, and gives "logits" (N, classes);
its metadata entry "mneme" is the model's.
"""

import contextlib
import json
import os
import pathlib
import re
import sys
import tempfile

import numpy
import onnx
import onnxruntime
import torch

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "trained-models.md"


class Network(torch.nn.Module):
    """Executes the Python lines of the page in a folder where a link to the model has the name that they read."""
    def __init__(self, model):
        super().__init__()
        lines = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]
        self.names = {}
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            os.symlink(model.resolve(), "task.safetensors")
            exec(lines, self.names)

    def forward(self, pixels):
        return self.names["logits"](pixels)


@torch.no_grad()
def check(model, out):
    """Writes `out`. Returns the largest difference between the logits of PyTorch and ONNX Runtime for images of noise."""
    network = Network(pathlib.Path(model)).eval()
    size = network.names["m"]["image"]
    pixels = torch.from_numpy(numpy.random.RandomState(1).randint(0, 256, (7, 3, size["height"], size["width"]))).float()
    torch.onnx.export(network, (pixels,), str(out), input_names=["pixels"], output_names=["logits"], dynamo=False,
                      dynamic_axes={"pixels": {0: "images"}, "logits": {0: "images"}})
    written = onnx.load(str(out))
    onnx.helper.set_model_props(written, {"mneme": json.dumps(network.names["m"])})
    onnx.save(written, str(out))
    session = onnxruntime.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    theirs, = session.run(None, {"pixels": pixels.numpy()})
    return float(numpy.abs(theirs - network(pixels).numpy()).max())


if __name__ == "__main__":
    difference = check(sys.argv[1], sys.argv[2])
    print(f"{sys.argv[2]}: ONNX Runtime's logits differ from PyTorch's by at most {difference:.1e}")
    sys.exit(difference > 1e-5)
