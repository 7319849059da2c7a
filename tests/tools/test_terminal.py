"""Tests what a run shows on terminals of several widths, in a pipe, and after Ctrl-C.

MNEME_PROGRAMS names the folder of the built programs.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest

PROGRAM = os.path.join(os.environ["MNEME_PROGRAMS"], "cifar100")
RUN = [PROGRAM, "--generated-classes", "4", "--generated-per-class", "10", "--tasks", "2", "--epochs", "4000", "--network", "resnet8",
       "--batch-size", "16", "--no-models", "--out", "run"]
PATIENCE = 60  # seconds that a busy machine may take


class Terminal:
    """A run on a terminal of this width. With `pipe`, standard output goes into a pipe."""

    def __init__(self, columns, pipe=False, **environment):
        self.scratch = tempfile.TemporaryDirectory()
        self.output = b""
        self.program, self.end = pty.openpty()
        self.resize(columns)
        env = dict(os.environ, TERM="xterm")
        env.pop("COLUMNS", None)
        env.update(environment)
        self.process = subprocess.Popen(RUN, cwd=self.scratch.name, env=env, stdin=self.end, stderr=self.end,
                                        stdout=subprocess.PIPE if pipe else self.end, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(self.end)

    def resize(self, columns):
        fcntl.ioctl(self.program, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read_until(self, found):
        """Collects output until found(output) is true; False if it never is."""
        end = time.monotonic() + PATIENCE
        while not found(self.output):
            if time.monotonic() > end or not select.select([self.program], [], [], PATIENCE)[0]:
                return False
            try:
                part = os.read(self.program, 4096)
            except OSError:  # the other side is closed
                part = b""
            if not part:
                return found(self.output)
            self.output += part
        return True

    def wait_for_training(self):
        """Waits until the run has finished an epoch."""
        metrics = os.path.join(self.scratch.name, "run", "metrics.jsonl")
        end = time.monotonic() + PATIENCE
        while not (os.path.exists(metrics) and os.path.getsize(metrics)) and time.monotonic() < end:
            time.sleep(0.05)

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        os.close(self.program)
        self.scratch.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def live_lines(output):
    """The texts that a run wrote one after another into the same row of the terminal."""
    return [part.split("\r\n")[0] for part in output.decode().split("\r\x1b[K")[1:]]


def steps(output):
    return [line for line in live_lines(output) if "  epoch " in line or line.endswith("...")]


class OnTerminals(unittest.TestCase):
    def test_the_line_fits_the_window_and_follows_it(self):
        for columns in (80, 40):
            with self.subTest(columns=columns), Terminal(columns) as terminal:
                self.assertTrue(terminal.read_until(lambda out: len(steps(out)) >= 3), terminal.output)
                for line in steps(terminal.output):
                    self.assertLess(len(line), columns)
                    self.assertTrue(line.startswith("task 1/2  epoch "), line)
                terminal.resize(30)
                before = len(terminal.output)
                self.assertTrue(terminal.read_until(lambda out: len(steps(out[before:])) >= 3))
                for line in steps(terminal.output[before:])[1:]:
                    self.assertLess(len(line), 30)
                terminal.resize(120)
                self.assertTrue(terminal.read_until(lambda out: any(len(line) > 40 for line in steps(out[before:]))))

    def test_ctrl_c_leaves_the_line_alone(self):
        with Terminal(80) as terminal:
            self.assertTrue(terminal.read_until(lambda out: len(steps(out)) >= 2), terminal.output)
            os.write(terminal.program, b"\x03")
            self.assertTrue(terminal.read_until(lambda out: b"--resume" in out), terminal.output)
            text = terminal.output.decode()
            message = text.index("cifar100: stopped in task 1")
            self.assertEqual(text[message - 1], "\n", text[message - 200:])
            self.assertEqual(terminal.process.wait(PATIENCE), 130)

    def test_what_the_terminal_echoes_for_ctrl_c_stands_in_a_row_of_its_own(self):
        for case in ({"TERM": "dumb"}, {"NO_COLOR": "1"}, {"pipe": True}):
            with self.subTest(case=case), Terminal(80, **case) as terminal:
                terminal.wait_for_training()
                os.write(terminal.program, b"\x03")
                self.assertTrue(terminal.read_until(lambda out: b"--resume" in out), terminal.output)
                text = terminal.output.decode()
                self.assertIn("\ncifar100: stopped in task 1", text)
                self.assertEqual(terminal.process.wait(PATIENCE), 130)

    def test_a_terminal_without_escape_codes_and_one_without_colours_get_none(self):
        with Terminal(80, TERM="dumb") as terminal:
            self.assertTrue(terminal.read_until(lambda out: b"task 1/2" in out), terminal.output)
            self.assertNotIn(b"\x1b", terminal.output)
        with Terminal(80, NO_COLOR="1") as terminal:
            self.assertTrue(terminal.read_until(lambda out: len(steps(out)) >= 2), terminal.output)
            self.assertEqual(re.findall(rb"\x1b\[[0-9;]*m", terminal.output), [])

    def test_a_pipe_gets_plain_lines(self):
        with tempfile.TemporaryDirectory() as scratch:
            done = subprocess.run([*RUN, "--epochs", "2"], cwd=scratch, capture_output=True, env=dict(os.environ, TERM="xterm"))
            self.assertEqual(done.returncode, 0, done.stderr)
            for code in (b"\r", b"\x1b"):
                self.assertNotIn(code, done.stdout + done.stderr)
            self.assertIn(b"\n  after task 2: task-agnostic ", done.stdout)


if __name__ == "__main__":
    unittest.main()
