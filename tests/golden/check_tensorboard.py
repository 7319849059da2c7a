#!/usr/bin/env python3
"""Reads a run's events with TensorBoard's own reader and compares them with the run's other files.

    python3 tests/golden/check_tensorboard.py RUN...        (needs tensorboard)
"""

import json
import pathlib
import struct
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def check(run):
    events = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0}).Reload()
    metrics = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    for stage in {record["stage"] for record in metrics}:
        expected = [(step, single(record["loss"])) for step, record in enumerate(metrics, 1) if record["stage"] == stage]
        assert [(event.step, event.value) for event in events.Scalars(stage + "/loss")] == expected, stage
    summary = json.loads((run / "summary.json").read_text())
    for rule in ("task_agnostic", "task_aware"):
        last = events.Scalars("after_each_task/accuracy_" + rule)[-1]
        assert last.step == summary["tasks_done"]
        assert last.value == single(summary["final_accuracy_" + rule]), rule
    print(f"{run}: {len(metrics)} epochs, {len(events.Tags()['scalars'])} curves, equal")


for folder in sys.argv[1:]:
    check(pathlib.Path(folder))
