"""Compares the folders of two runs: every file must have the same bytes, but for what tells the time.

timing.jsonl, .lock and results.checkpoint, which holds sums of the other files, are left out. TensorBoard's events are
compared without their wall times and their speeds, run.json and report.html without how the run was made.
"""
import json
import pathlib
import re
import struct


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """The fields of a protocol buffer, as (number, value)."""
    at, found = 0, []
    while at < len(data):
        key, at = varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = varint(data, at)
        elif wire == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            size = {1: 8, 5: 4}[wire]
            value, at = data[at:at + size], at + size
        found.append((key >> 3, value))
    return found


def events(data):
    """The events of a TensorBoard file without their times: a list of (step, [(tag, value)])."""
    at, found = 0, []
    while at < len(data):
        (size,) = struct.unpack_from("<Q", data, at)
        record, at = data[at + 12:at + 12 + size], at + 12 + size + 4
        step, values = 0, []
        for number, value in fields(record):
            if number == 2:
                step = value
            elif number == 5:
                for _, scalar in fields(value):
                    parts = dict(fields(scalar))
                    tag = parts[1].decode()
                    if not tag.startswith("speed/"):
                        values.append((tag, parts[2]))
        found.append((step, values))
    return found


def compared(path):
    """The parts of a file that do not depend on the command, the time and the machine."""
    data = path.read_bytes()
    if "tfevents" in path.name:
        return events(data)
    if path.name == "run.json":
        content = json.loads(data)
        content.pop("provenance", None)
        return content
    if path.name == "report.html":
        return re.sub(rb"<div class=made>[^\n]*", b"", data)
    return data


def contents(folder):
    """The contents that are compared, by path inside the folder."""
    return {str(path.relative_to(folder)): compared(path) for path in sorted(pathlib.Path(folder).rglob("*"))
            if path.is_file() and path.name not in ("timing.jsonl", ".lock", "results.checkpoint")}


def different(one, other):
    """The files that differ, or that only one folder has."""
    a, b = contents(one), contents(other)
    return sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))
