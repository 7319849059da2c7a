"""Tests tools/mutate on a small project: verdicts, exit codes, faulty lists, and that the user's tree stays as it is."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools" / "mutate"

CMAKE = """cmake_minimum_required(VERSION 3.20)
project(small LANGUAGES CXX)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/apps)
add_executable(mneme_tests sum.cpp tests/test_sum.cpp)
"""
PRESETS = """{"version": 4, "configurePresets": [{"name": "release", "generator": "Ninja", "binaryDir": "${sourceDir}/build",
  "cacheVariables": {"CMAKE_BUILD_TYPE": "Debug"}}]}"""
CODE = "int sum(int a, int b) {\n  int total = a + b;\n  return total;\n}\n"
TESTS = """#include <cstdio>
int sum(int a, int b);
int main() {
  if (sum(1, 2) == 3) return 0;
  std::puts("TEST CASE:  two numbers add up");
  return 1;
}
"""


def entry(name, find, replace, more="", test="tests/test_sum.cpp"):
    return f"[[mutant]]\nname = '{name}'\nfile = 'sum.cpp'\nfind = '{find}'\nreplace = '{replace}'\ntests = ['{test}']\n{more}\n"


KILLED = entry("minus", "a + b", "a - b")


class Project(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name, text in (("CMakeLists.txt", CMAKE), ("CMakePresets.json", PRESETS), ("sum.cpp", CODE),
                           ("tests/test_sum.cpp", TESTS), (".gitignore", "/build*/\n")):
            self.write(name, text)
        (self.root / "tools").mkdir()
        shutil.copy(SCRIPT, self.root / "tools" / "mutate")
        subprocess.run(["git", "init", "-q", self.root], check=True)

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def mutate(self, entries, *words):
        self.write("tests/mutants/room.toml", entries)
        return subprocess.run([sys.executable, str(self.root / "tools" / "mutate"), *words], capture_output=True, text=True)

    def test_verdicts_summary_table_and_exit_code(self):
        entries = (KILLED + entry("nothing", "int total", "int  total")
                   + entry("explained", "return total", "return  total", "survives = 'a blank more is no other code'")
                   + entry("broken", "int total", "int totals") + entry("endless", "return total;", "for (;;) {}"))
        some = ("--only", "minus", "--only", "nothing", "--only", "explained", "--only", "broken")
        done = self.mutate(entries, *some, "--table", str(self.root / "table.md"))
        self.assertEqual(done.returncode, 1, done.stderr)
        for line in ("killed           room/minus", ": two numbers add up", "survived         room/nothing",
                     "survived, as explained room/explained", "did not compile  room/broken",
                     "4 mutants: 1 killed, 1 survived, 1 survived, as explained, 1 did not compile (25.0 % killed)",
                     "nothing (sum.cpp): no explanation; a test is missing in tests/test_sum.cpp",
                     "explained (sum.cpp): a blank more is no other code"):
            self.assertIn(line, done.stdout)
        self.assertIn("| room | minus | `sum.cpp` | killed | two numbers add up |", (self.root / "table.md").read_text())
        self.assertEqual((self.root / "sum.cpp").read_text(), CODE)
        self.assertEqual(self.mutate(entries, "--only", "minus", "--only", "explained").returncode, 0)

    def test_a_change_of_the_tree_reaches_the_copy_and_tests_must_pass_without_a_mistake(self):
        self.assertEqual(self.mutate(KILLED).returncode, 0)
        self.write("sum.cpp", CODE.replace("total = a + b", "total = b + a + 1"))
        done = self.mutate(entry("minus", "b + a", "b - a"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("the tests fail without any mistake: two numbers add up", done.stderr)

    def test_a_run_that_is_stopped_leaves_the_tree_alone_and_the_next_one_is_right(self):
        self.write("tests/mutants/room.toml", entry("endless", "return total;", "for (;;) {}") + KILLED)
        running = subprocess.Popen([sys.executable, str(self.root / "tools" / "mutate")], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        copy = self.root / "build-mutants" / "tree" / "sum.cpp"
        for _ in range(600):
            if copy.is_file() and "for (;;)" in copy.read_text():
                break
            time.sleep(0.05)
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate(timeout=60)
        self.assertEqual(running.returncode, 1, err)
        self.assertIn("stopped", err)
        self.assertIn("0 mutants", out)
        self.assertEqual((self.root / "sum.cpp").read_text(), CODE)
        self.assertEqual(self.mutate(KILLED).returncode, 0)

    def test_faulty_lists_and_command_lines_are_refused_in_one_line(self):
        for entries, words, part in (
                (entry("twice", "total", "sum"), ["--check"], "occurs 2 times in sum.cpp"),
                (entry("gone", "a * b", "a / b"), ["--check"], "occurs 0 times in sum.cpp"),
                (entry("same", "a + b", "a + b"), ["--check"], "changes nothing"),
                (KILLED + KILLED, ["--check"], "two mutants have the name minus"),
                (entry("minus", "a + b", "a - b", test="tests/none.cpp"), ["--check"], "there is no test tests/none.cpp"),
                (entry("minus", "a + b", "a - b", "testes = 1"), ["--check"], "unknown keys ['testes']"),
                ("[[mutant]]\nname = 'x'\n", ["--check"], "missing keys ['file', 'find', 'replace', 'tests']"),
                ("[[mutant]\n", ["--check"], "room.toml"),
                (KILLED, ["--room", "kitchen"], "there is no room kitchen; rooms: room"),
                (KILLED, ["--only", "plus"], "no mutant fits plus")):
            with self.subTest(part):
                done = self.mutate(entries, *words)
                self.assertEqual(done.returncode, 2)
                self.assertIn(part, done.stderr)
                self.assertEqual(len(done.stderr.strip().splitlines()), 1)
        self.assertEqual(self.mutate(KILLED, "--check").stdout, "1 mutants fit the code\n")
        self.assertIn("minus\n    sum.cpp, noticed by tests/test_sum.cpp", self.mutate(KILLED, "--list").stdout)
        self.assertFalse((self.root / "build-mutants").exists())


if __name__ == "__main__":
    unittest.main()
