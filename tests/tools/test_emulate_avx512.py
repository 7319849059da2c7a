"""Tests that tools/emulate-avx512 --sanitize finds faults: each program below has one. The test needs the emulator: set
MNEME_EMULATOR_PYTHON to a Python interpreter that has bochscpu-python."""
import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools" / "emulate-avx512"
loader = importlib.machinery.SourceFileLoader("emulate_avx512", str(SCRIPT))
emulator = importlib.util.module_from_spec(importlib.util.spec_from_loader("emulate_avx512", loader))
loader.exec_module(emulator)
PYTHON = os.environ.get("MNEME_EMULATOR_PYTHON")

PROGRAM = r"""
#include <immintrin.h>
#include <cstdio>
#include <cstdlib>
#include <vector>
volatile int zero = 0;
__attribute__((noinline)) void copy(const float* from, float* to) { _mm512_storeu_ps(to, _mm512_loadu_ps(from)); }
__attribute__((noinline)) int element(int i) {
  int four[4] = {1, 2, 3, 4};
  volatile int* p = four;
  return p[i];
}
int main(int, char** arguments) {
  const int fault = arguments[1][0] - '0';
  float* a = static_cast<float*>(std::aligned_alloc(64, 128));
  float* b = static_cast<float*>(std::aligned_alloc(64, 128));
  for (int i = 0; i < 32; ++i) a[i] = i;
  copy(a + 16, b);
  try {
    if (zero == 0) throw 1;
  } catch (int) {
  }
  if (fault == 1) copy(a + 17, b);
  if (fault == 2) copy(a, b + 20);
  if (fault == 3) std::free(a), copy(a, b);
  if (fault == 4) std::free(a), std::free(a);
  if (fault == 5) std::printf("%d\n", std::vector<int>(3).data()[3 + zero]);
  if (fault == 6) std::printf("%d\n", element(4 + zero));
  if (fault == 7) std::printf("%d\n", 1 << (33 + zero));
  if (fault == 8) std::printf("%d\n", 2147483647 - zero + 1 + zero);
  std::printf("b[3] is %g\n", b[3]);
}
"""


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.build = pathlib.Path(cls.folder.name)
        source, compiled = cls.build / "faults.cpp", cls.build / "faults.o"
        source.write_text(PROGRAM)
        subprocess.run(["g++", "-O2", "-mavx512f", "-w", *emulator.CHECKS, "-c", source, "-o", compiled], check=True)
        cls.program = emulator.linked(cls.build, [compiled], True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_with(self, fault):
        return emulator.started_in(PYTHON, self.build, self.program, [str(fault)], capture_output=True, text=True)

    def test_a_program_without_fault_runs_through(self):
        done = self.run_with(0)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("b[3] is 19", done.stdout)

    def test_bad_addresses_are_reported_and_end_the_program(self):
        for fault, what in enumerate(("64 bytes read", "64 bytes written", "64 bytes read", "128 bytes freed twice", "4 bytes read"), 1):
            done = self.run_with(fault)
            self.assertEqual(done.returncode, 1, fault)
            self.assertIn(f"address checks: {what} at 0x", done.stderr)

    def test_stack_overruns_shifts_and_overflows_end_the_program(self):
        for fault in (6, 7, 8):
            done = self.run_with(fault)
            self.assertEqual(done.returncode, 1, fault)
            self.assertIn("ended with exception 6", done.stderr)


if __name__ == "__main__":
    if not PYTHON:
        print("MNEME_EMULATOR_PYTHON names no interpreter")
        sys.exit(77)  # CTest counts this exit code as a skipped test
    unittest.main()
