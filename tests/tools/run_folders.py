"""Compares the folders of two runs: every file must have the same bytes, but for what tells the time.

timing.jsonl and .lock are left out. TensorBoard's events are compared without their wall times and their speeds.
"""
import pathlib
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
    """What a file of TensorBoard tells, without the time: a list of (step, [(tag, value)])."""
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


def contents(folder):
    """What is compared, by path inside the folder."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file() and path.name not in ("timing.jsonl", ".lock"):
            data = path.read_bytes()
            found[str(path.relative_to(folder))] = events(data) if "tfevents" in path.name else data
    return found


def different(one, other):
    """The files that differ, or that only one folder has."""
    a, b = contents(one), contents(other)
    return sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))
