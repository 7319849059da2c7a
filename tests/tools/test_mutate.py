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
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
include_directories(${PROJECT_SOURCE_DIR})
add_library(code STATIC src/sum.cpp src/twice.cpp)
add_executable(mneme_tests tests/test_sum.cpp)
target_link_libraries(mneme_tests code)
"""
CODE = "int sum(int a, int b) {\n  int total = a + b;\n  return total;\n}\n"
HEADER = "#pragma once\nint sum(int a, int b);\ninline int two() { return 2; }\n"
TWICE = '#include "src/sum.h"\nint twice(int a) { return two() * a; }\n'
TESTS = """#include <cstdio>
#include "src/sum.h"
int twice(int a);
int main() {
  if (sum(1, 2) != 3) return std::puts("TEST CASE:  two numbers add up"), 1;
  if (twice(2) != 4) return std::puts("TEST CASE:  twice two is four"), 1;
  return 0;
}
"""
SCRIPT_TEST = """import pathlib, subprocess, sys
here = pathlib.Path(__file__).resolve().parents[2]
said = subprocess.run(["bash", here / "tools" / "greet"], capture_output=True, text=True).stdout
if said != "hello\\n":
    print("FAIL: it greets")
    sys.exit(1)
"""


def entry(name, find, replace, more="", test="tests/test_sum.cpp", file="src/sum.cpp"):
    return f"[[mutant]]\nname = '{name}'\nfile = '{file}'\nfind = '{find}'\nreplace = '{replace}'\ntests = ['{test}']\n{more}\n"


KILLED = entry("minus", "a + b", "a - b")


class Project(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name, text in (("CMakeLists.txt", CMAKE), ("src/sum.cpp", CODE), ("src/sum.h", HEADER), ("src/twice.cpp", TWICE),
                           ("tests/test_sum.cpp", TESTS), ("tools/greet", "echo hello\n"),
                           ("tests/tools/test_greet.py", SCRIPT_TEST)):
            self.write(name, text)
        shutil.copy(SCRIPT, self.root / "tools" / "mutate")

    def configure(self):
        subprocess.run(["cmake", "-G", "Ninja", "-S", self.root, "-B", self.root / "build"], check=True, capture_output=True)

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def mutate(self, entries, *words):
        self.write("tests/mutants/area.toml", entries)
        return subprocess.run([sys.executable, str(self.root / "tools" / "mutate"), *words], capture_output=True, text=True)

    def test_verdicts_summary_table_and_exit_code(self):
        self.configure()
        entries = (KILLED + entry("nothing", "int total", "int  total")
                   + entry("explained", "return total", "return  total", "survives = 'a blank more is no other code'")
                   + entry("broken", "int total", "int totals") + entry("endless", "return total;", "for (;;) {}"))
        some = ("--only", "minus", "--only", "nothing", "--only", "explained", "--only", "broken")
        done = self.mutate(entries, *some, "--table", str(self.root / "table.md"))
        self.assertEqual(done.returncode, 1, done.stderr)
        for line in ("killed           area/minus", ": two numbers add up", "survived         area/nothing",
                     "survived, as explained area/explained", "did not compile  area/broken",
                     "4 mutants: 1 killed, 1 survived, 1 survived, as explained, 1 did not compile (25.0 % killed)",
                     "nothing (src/sum.cpp): no explanation; a test is missing in tests/test_sum.cpp",
                     "explained (src/sum.cpp): a blank more is no other code"):
            self.assertIn(line, done.stdout)
        self.assertIn("| area | minus | `src/sum.cpp` | killed | two numbers add up |", (self.root / "table.md").read_text())
        self.assertEqual((self.root / "src/sum.cpp").read_text(), CODE)
        self.assertEqual(self.mutate(entries, "--only", "minus", "--only", "explained").returncode, 0)

    def test_headers_and_scripts(self):
        self.configure()
        done = self.mutate(entry("header", "return 2", "return 3", file="src/sum.h")
                           + entry("script", "hello", "bye", file="tools/greet", test="tests/tools/test_greet.py")
                           + entry("quiet", "echo hello", "echo  hello", file="tools/greet", test="tests/tools/test_greet.py"))
        self.assertIn("killed           area/header", done.stdout, done.stderr)
        self.assertIn(": twice two is four", done.stdout)
        self.assertIn("killed           area/script", done.stdout)
        self.assertIn(": it greets", done.stdout)
        self.assertIn("survived         area/quiet", done.stdout)
        self.assertEqual((self.root / "tools/greet").read_text(), "echo hello\n")
        self.assertEqual((self.root / "src/sum.h").read_text(), HEADER)

    def test_a_file_that_is_not_compiled_is_told_and_not_counted(self):
        self.configure()
        self.write("src/stub.cpp", "int stub() { return 1; }\n")
        done = self.mutate(entry("stub", "return 1", "return 2", file="src/stub.cpp") + KILLED)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("is not in this build area/stub", done.stdout)
        self.assertIn("2 mutants: 1 killed, 1 is not in this build (100.0 % killed)", done.stdout)

    def test_the_right_code_is_built_first_and_its_tests_must_pass(self):
        self.configure()
        self.assertEqual(self.mutate(KILLED).returncode, 0)
        self.write("src/sum.cpp", CODE.replace("total = a + b", "total = b + a + 1"))
        done = self.mutate(entry("minus", "b + a", "b - a"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("the tests fail without any mistake: two numbers add up", done.stderr)

    def test_a_run_that_is_stopped_leaves_the_tree_alone_and_the_next_one_is_right(self):
        self.configure()
        self.write("tests/mutants/area.toml", entry("endless", "return total;", "for (;;) {}") + KILLED)
        running = subprocess.Popen([sys.executable, str(self.root / "tools" / "mutate")], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        copy = self.root / "build" / "mutants" / "tree" / "src/sum.cpp"
        for _ in range(600):
            if copy.is_file() and "for (;;)" in copy.read_text():
                break
            time.sleep(0.05)
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate(timeout=60)
        self.assertEqual(running.returncode, 1, err)
        self.assertIn("stopped", err)
        self.assertIn("0 mutants", out)
        self.assertEqual((self.root / "src/sum.cpp").read_text(), CODE)
        self.assertEqual(self.mutate(KILLED).returncode, 0)

    def test_faulty_lists_and_command_lines_are_refused_in_one_line(self):
        for entries, words, part in (
                (entry("twice", "total", "sum"), ["--check"], "occurs 2 times in src/sum.cpp"),
                (entry("gone", "a * b", "a / b"), ["--check"], "occurs 0 times in src/sum.cpp"),
                (entry("same", "a + b", "a + b"), ["--check"], "changes nothing"),
                (KILLED + KILLED, ["--check"], "two mutants have the name minus"),
                (entry("minus", "a + b", "a - b", test="tests/none.cpp"), ["--check"], "there is no test tests/none.cpp"),
                (entry("minus", "a + b", "a - b", "testes = 1"), ["--check"], "unknown keys ['testes']"),
                ("[[mutant]]\nname = 'x'\n", ["--check"], "missing keys ['file', 'find', 'replace', 'tests']"),
                ("[[mutant]\n", ["--check"], "area.toml"),
                (KILLED, ["--area", "kitchen"], "there is no area kitchen; areas: area"),
                (KILLED, ["--only", "plus"], "no mutant fits plus")):
            with self.subTest(part):
                done = self.mutate(entries, *words)
                self.assertEqual(done.returncode, 2)
                self.assertIn(part, done.stderr)
                self.assertEqual(len(done.stderr.strip().splitlines()), 1)
        self.assertEqual(self.mutate(KILLED, "--check").stdout, "1 mutants fit the code\n")
        self.assertIn("minus\n    src/sum.cpp, noticed by tests/test_sum.cpp", self.mutate(KILLED, "--list").stdout)
        done = self.mutate(KILLED)
        self.assertEqual(done.returncode, 2)
        self.assertIn("is no build folder", done.stderr)
        self.assertFalse((self.root / "build").exists())


if __name__ == "__main__":
    unittest.main()
