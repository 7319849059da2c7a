#!/usr/bin/env python3
"""Kills runs at random moments and lets them go on: each must end in the files of a run that nobody disturbed.

    tests/tools/kill_runs.py build/apps/cifar100                      8 kills, seconds: what the test suite does
    tests/tools/kill_runs.py build/apps/cifar100 --kills 200          all of it, half an hour on two cores
    tests/tools/kill_runs.py build/apps/cifar100 --methods lwf,bic --kills 20 --seed 7

Every kill takes the next method, signal (TERM, HUP, INT, KILL), target (the process, or its process group) and way of
running (one run, or two seeds by --jobs 2). A run that was stopped goes on by the command that it printed itself. At the
end the script prints how many kills there were of each kind, where they hit, and the longest time from a signal to the
end of the process. It fails if a file differs, if a run ends by anything but the signal, or if it says anything but the
command that goes on.
"""
import argparse
import collections
import itertools
import os
import pathlib
import random
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import run_folders  # noqa: E402

TWELVE = ("lwf", "lucir", "ewc", "rwalk", "icarl", "eeil", "bic", "il2m", "dmc", "il-baseline-meta", "mnemonics", "podnet")
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL)
NO_MEMORY = ("lwf", "ewc", "rwalk", "dmc")
TINY = ("--generated-classes 4 --generated-per-class 24 --tasks 2 --epochs 3 --network resnet8 --batch-size 8 "
        "--order identity --validation 0.2 --threads 1 --quiet")
JOBS = "--seeds 1,2 --jobs 2"


def words_for(method, jobs, out):
    memory = [] if method in NO_MEMORY else ["--memory-per-class", "3"]
    auxiliary = ["--aux-data", "generated"] if method == "dmc" else []
    return (["--method", method, "--out", str(out)] + shlex.split(TINY) + memory + auxiliary +
            (shlex.split(JOBS) if jobs else []))


def wait_for_group(group):
    """Waits until every process of the group has ended: orphans of --jobs stop a moment after their parent."""
    while True:
        try:
            os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            return
        time.sleep(0.01)


class Attempt:
    """Starts the run once, and kills it after `seconds` if it has not ended before."""

    def __init__(self, command, seconds, number, to_group):
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                                   stdin=subprocess.DEVNULL, text=True)
        self.killed = False
        try:
            self.out, self.err = process.communicate(timeout=seconds)
            sent = time.monotonic()
        except subprocess.TimeoutExpired:
            self.killed = True
            sent = time.monotonic()
            (os.killpg if to_group else os.kill)(process.pid, number)
            self.out, self.err = process.communicate()
        self.latency = time.monotonic() - sent
        self.seconds = time.monotonic() - started
        wait_for_group(process.pid)
        self.code = process.returncode


def printed_command(err):
    found = re.search(r"go on with:\n  (.*)\n", err)
    return ["sh", "-c", "exec " + found.group(1)] if found else None


def check_end(attempt, number):
    """Says what is wrong with the way in which a killed process ended; empty if nothing is wrong."""
    ended_by_itself = attempt.code == 0  # the process ended before the signal came
    by_default = attempt.code == -number and not attempt.err  # killed before it had begun, or by SIGKILL
    stopped = attempt.code == 128 + number and re.fullmatch(
        r"cifar100: stopped[^\n]*; go on with:\n  [^\n]* --resume\n", attempt.err)
    if ended_by_itself or by_default or stopped:
        return ""
    return f"exit code {attempt.code}, saying {attempt.err!r}"


class Kills:
    def __init__(self, program, folder, draw):
        self.program, self.folder, self.draw = program, folder, draw
        self.whole = {}  # (method, jobs) -> folder and seconds of the run that nobody disturbs
        self.counts, self.places, self.latencies, self.faults = collections.Counter(), collections.Counter(), [], []

    def undisturbed(self, method, jobs):
        if (method, jobs) not in self.whole:
            out = self.folder / f"{method}{'-jobs' if jobs else ''}-whole"
            attempt = Attempt([self.program] + words_for(method, jobs, out), None, signal.SIGKILL, False)
            if attempt.code:
                sys.exit(f"kill_runs: {method} fails undisturbed: {attempt.err}")
            self.whole[method, jobs] = out, attempt.seconds
        return self.whole[method, jobs]

    def run(self, name, method, jobs, plan):
        """Starts a run and kills it by the (signal, to_group) of `plan`, one after the other; then lets it end."""
        whole, seconds = self.undisturbed(method, jobs)
        out = self.folder / name
        command = own = [self.program] + words_for(method, jobs, out) + ["--resume"]
        for number, to_group in plan:
            attempt = Attempt(command, self.draw.uniform(0.05, 1.0) * seconds, number, to_group)
            if attempt.killed:
                self.note(attempt, method, jobs, number, to_group)
            elif attempt.code:
                self.faults.append(f"{name}: exit code {attempt.code} without a kill: {attempt.err}")
            command = printed_command(attempt.err) or own
        last = Attempt(command, None, signal.SIGKILL, False)
        if last.code:
            self.faults.append(f"{name}: does not go on: {last.err}")
        elif found := run_folders.different(whole, out):
            self.faults.append(f"{name}: other files than undisturbed: {', '.join(found)}")

    def note(self, attempt, method, jobs, number, to_group):
        kind = (signal.Signals(number).name, "group" if to_group else "process", "--jobs" if jobs else "one run")
        self.counts[kind] += 1
        if problem := check_end(attempt, number):
            self.faults.append(f"{method}, {', '.join(kind)}: {problem}")
        if number != signal.SIGKILL:
            self.latencies.append((attempt.latency, method, kind))
        place = re.search(r"stopped (after the training|before a stage|before task|in task \d+, stage [^,]*)", attempt.err)
        self.places[place.group(1) if place else "elsewhere"] += 1


def plans(methods):
    """Endless runs, each with its two kills. Sixteen kills cover every combination of signal, target and --jobs."""
    for i in itertools.count():
        pair = range(2 * i, 2 * i + 2)
        yield methods[i % len(methods)], i // 4 % 2 == 1, [(SIGNALS[k % 4], k // 4 % 2 == 1) for k in pair]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--methods", default=",".join(TWELVE))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path, help="for the runs; default: a temporary folder")
    given = parser.parse_args()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=given.folder or memory) as folder:
        kills = Kills(os.path.abspath(given.program), pathlib.Path(folder), random.Random(given.seed))
        # A run may end before it is killed, so more runs may be needed than half the number of kills.
        for i, (method, jobs, plan) in enumerate(plans(given.methods.split(","))):
            left = given.kills - sum(kills.counts.values())
            if left <= 0 or i > 3 * given.kills:
                break
            kills.run(f"run{i}", method, jobs, plan[:left])
    for kind, count in sorted(kills.counts.items()):
        print(f"{count:4} x {', '.join(kind)}")
    print(f"{sum(kills.counts.values())} kills; they hit: " +
          ", ".join(f"{place} {count}" for place, count in kills.places.most_common()))
    if kills.latencies:
        latency, method, kind = max(kills.latencies)
        print(f"longest time from a signal to the end of the process: {latency:.2f} s ({method}, {', '.join(kind)})")
    if sum(kills.counts.values()) < given.kills:
        kills.faults.append("the runs end before they can be killed")
    for fault in kills.faults:
        print("FAULT", fault)
    return 1 if kills.faults else 0


if __name__ == "__main__":
    sys.exit(main())
