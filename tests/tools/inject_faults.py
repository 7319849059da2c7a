#!/usr/bin/env python3
"""Lets every call that touches a file fail once: in a run of two tasks, and in `prepare`.

    tests/tools/inject_faults.py build/apps --shim build/tests/libfail_file_call.so                a few calls, seconds
    tests/tools/inject_faults.py build/apps --shim build/tests/libfail_file_call.so --every 1      all of them, an hour

The shim (fail_file_call.c) counts the calls on files of the run, or of the pack, and lets one of them fail with EIO,
ENOSPC or EACCES in turn; writes fail half-way. Wherever that is, the program must end with 0 or 1; with 1 it must say
exactly one line; no file may be half-written; and --resume, without a fault, must end in the files of a run that nobody
disturbed, and keep the epochs that were saved. `prepare`, started again, must end in the same pack.
"""
import argparse
import collections
import errno
import json
import os
import pathlib
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import run_folders  # noqa: E402

ERRORS = (errno.EIO, errno.ENOSPC, errno.EACCES)
TINY = ("--generated-classes 4 --generated-per-class 8 --tasks 2 --epochs 2 --network resnet8 --batch-size 8 "
        "--order identity --validation 0 --threads 1 --quiet --method il-baseline --memory-per-class 2 --resume")


def png(width, height, colour):
    """A picture of one colour."""
    rows = b"".join(b"\0" + bytes(colour) * width for _ in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_pictures(folder):
    for part, count in (("train", 5), ("val", 2)):
        for number, name in enumerate("abcd"):
            place = folder / part / name
            place.mkdir(parents=True)
            for i in range(count):
                (place / f"{i}.png").write_bytes(png(20 + i, 24, (60 * number, 40 * i, 90)))
    (folder.parent / "classes.txt").write_text("a\nb\nc\nd\n")


class Shim:
    """Starts a program so that one of its calls fails."""

    def __init__(self, library, scratch):
        self.library, self.scratch = library, scratch

    def run(self, command, below, at):
        """(exit code, standard error, calls counted, the call that failed). `at` 0: none fails."""
        told = self.scratch / "count"
        told.unlink(missing_ok=True)
        environment = dict(os.environ, LD_PRELOAD=str(self.library), FAIL_BELOW=str(below), FAIL_AT=str(at),
                           FAIL_WITH=str(ERRORS[at % 3]), FAIL_COUNT=str(told))
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=300, check=False)
        count, _, call = told.read_text().strip().partition(" ") if told.exists() else ("0", "", "")
        return done.returncode, done.stderr, int(count), call


def half_written(folder):
    """The files that end in the middle of their content."""
    found = []
    for path in pathlib.Path(folder).rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        if path.suffix == ".json":
            try:
                json.loads(data)
            except ValueError:
                found.append(path.name)
        elif path.suffix in (".jsonl", ".csv") and data and not data.endswith(b"\n"):
            found.append(path.name)
    return found


def lines_of(path):
    return path.read_text().splitlines() if path.exists() else []


class Faults:
    def __init__(self):
        self.calls, self.ends, self.faults = collections.Counter(), collections.Counter(), []

    def check_end(self, what, code, err, call):
        self.calls[call] += 1
        self.ends["goes on to its end" if code == 0 else "one line, exit code 1"] += 1
        if code not in (0, 1):
            self.faults.append(f"{what}: exit code {code}: {err!r}")
        if code == 1 and (err.count("\n") != 1 or not err.endswith("\n")):
            self.faults.append(f"{what}: not one line: {err!r}")


def numbers(count, every):
    """The numbers of the calls that are made to fail: every call, or a sample from the first to the last."""
    return range(1, count + 1, max(1, every or count // 12))


def try_run(program, shim, scratch, every, found):
    whole, run = scratch / "whole", scratch / "run"
    command = [str(program)] + shlex.split(TINY) + ["--out"]
    run.mkdir()  # so that the shim knows the full path of the folder
    code, err, count, _ = shim.run(command + [str(run)], run, 0)
    if code:
        sys.exit(f"inject_faults: the undisturbed run fails: {err}")
    run.rename(whole)
    for at in numbers(count, every):
        run.mkdir()
        code, err, _, call = shim.run(command + [str(run)], run, at)
        what = f"run, call {at} of {count} ({call}, {errno.errorcode[ERRORS[at % 3]]})"
        found.check_end(what, code, err, call)
        if broken := half_written(run):
            found.faults.append(f"{what}: half-written: {', '.join(broken)}")
        saved = lines_of(run / "timing.jsonl")
        done = subprocess.run(command + [str(run)], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            found.faults.append(f"{what}: does not go on: {done.stderr!r}")
        elif names := run_folders.different(whole, run):
            found.faults.append(f"{what}: other files than undisturbed: {', '.join(names)}")
        elif lines_of(run / "timing.jsonl")[:max(0, len(saved) - 2)] != saved[:-2]:
            found.faults.append(f"{what}: an epoch that was saved was trained again")
        shutil.rmtree(run)
    return count


def try_prepare(program, shim, scratch, every, found):
    write_pictures(scratch / "pictures")
    folder, kept = scratch / "packs", scratch / "kept.pack"
    command = [str(program), "prepare", "--data", str(scratch / "pictures"), "--subset", str(scratch / "classes.txt"),
               "--threads", "1", "--out", str(folder / "pack")]
    folder.mkdir()
    code, err, count, _ = shim.run(command, folder, 0)
    if code:
        sys.exit(f"inject_faults: the undisturbed preparation fails: {err}")
    (folder / "pack").rename(kept)
    shutil.rmtree(folder)
    for at in numbers(count, every):
        folder.mkdir()
        code, err, _, call = shim.run(command, folder, at)
        what = f"prepare, call {at} of {count} ({call}, {errno.errorcode[ERRORS[at % 3]]})"
        found.check_end(what, code, err, call)
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            found.faults.append(f"{what}: does not go on: {done.stderr!r}")
        elif (folder / "pack").read_bytes() != kept.read_bytes():
            found.faults.append(f"{what}: another pack than undisturbed")
        shutil.rmtree(folder)
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path, help="the folder with cifar100 and imagenet100")
    parser.add_argument("--shim", type=pathlib.Path, required=True)
    parser.add_argument("--every", type=int, default=0, help="every N-th call fails; 0: about a dozen in all")
    parser.add_argument("--only", choices=("run", "prepare"))
    given = parser.parse_args()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    found = Faults()
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        scratch = pathlib.Path(folder).resolve()
        shim = Shim(given.shim.resolve(), scratch)
        programs = given.programs.resolve()
        if given.only != "prepare":
            print(try_run(programs / "cifar100", shim, scratch, given.every, found), "calls in a run of two tasks")
        if given.only != "run":
            print(try_prepare(programs / "imagenet100", shim, scratch, given.every, found), "calls in a preparation")
    print(f"{sum(found.ends.values())} faults injected: " +
          ", ".join(f"{count} x {end}" for end, count in found.ends.most_common()))
    print("the calls that failed: " + ", ".join(f"{call} {count}" for call, count in found.calls.most_common()))
    for fault in found.faults:
        print("FAULT", fault)
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
