#!/usr/bin/env python3
"""Writes events.tfevents with TensorBoard's own messages and records: the events that test_tensorboard.cpp makes.

    python3 tests/golden/make_tensorboard.py        (needs tensorboard)
"""

import pathlib

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

EVENTS = [
    (1235.0, 1, {"train/loss": 0.25, "train/learning_rate": 1e-3}),
    (1236.0, 300, {"a": -1.0}),
    (1700000000.125, 5000000000, {"validation/accuracy": 0.1, "loss": float("inf")}),
]

with open(pathlib.Path(__file__).with_name("events.tfevents"), "wb") as file:
    records = RecordWriter(file)
    records.write(Event(wall_time=1234.5, file_version="brain.Event:2").SerializeToString())
    for wall_time, step, scalars in EVENTS:
        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items()]
        records.write(Event(wall_time=wall_time, step=step, summary=Summary(value=values)).SerializeToString())
    records.flush()
