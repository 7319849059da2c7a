"""Tests tools/gpu-check without a GPU: its stages, time limits, results and unpacked libraries."""
import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
import unittest.mock

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools" / "gpu-check"
loader = importlib.machinery.SourceFileLoader("gpu_check", str(SCRIPT))
gpu_check = importlib.util.module_from_spec(importlib.util.spec_from_loader("gpu_check", loader))
loader.exec_module(gpu_check)
unpacked = gpu_check.unpacked


def called(*words):
    return subprocess.run([sys.executable, str(SCRIPT), *words], capture_output=True, text=True)


class Stages(unittest.TestCase):
    def test_limits_fit_into_the_total(self):
        self.assertLessEqual(sum(stage.limit for stage in gpu_check.STAGES), 60 * gpu_check.TOTAL_MINUTES)
        self.assertLessEqual(gpu_check.TOTAL_MINUTES, 10)

    def test_more_minutes_are_more_for_every_stage(self):
        limits = lambda *words: re.findall(r" (\d+) s ", called("--list", *words).stdout)
        self.assertEqual([3 * int(limit) for limit in limits()], [int(limit) for limit in limits("--minutes", "30")])
        self.assertIn("together at most 1800 s", called("--list", "--minutes", "30").stdout)

    def test_list_and_dry_run_show_every_stage_and_make_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            for word in ("--list", "--dry-run"):
                done = called(word, "--out", f"{folder}/out", "--build-dir", f"{folder}/build")
                self.assertEqual(done.returncode, 0, done.stderr)
                for stage in gpu_check.STAGES:
                    self.assertIn(stage.name, done.stdout)
            self.assertEqual(os.listdir(folder), [])

    def test_an_unknown_stage_and_a_folder_without_packages_are_refused(self):
        self.assertEqual(called("--stage", "biuld").returncode, 2)
        with tempfile.TemporaryDirectory() as folder:
            done = called("--deps", folder)
            self.assertEqual(done.returncode, 2)
            self.assertIn("--make-deps", done.stderr)


class Running(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.args = gpu_check.arguments(["--out", f"{self.folder.name}/out", "--build-dir", self.folder.name])

    def check(self, *stages):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            status = gpu_check.check(self.args, stages)
        report = json.loads((self.args.out / "summary.json").read_text())
        return status, report["stages"], (self.args.out / "summary.txt").read_text()

    def stage(self, run, limit=30, needs_gpu=False):
        return gpu_check.Stage("tried", limit, needs_gpu, "a stage for this test", run)

    def test_a_stage_that_passes_leaves_its_line_its_numbers_and_its_log(self):
        def run(runner):
            return [runner.run("echo", "all well").strip()], {"answer": 42}

        status, stages, text = self.check(self.stage(run))
        self.assertEqual((status, stages[0]["status"], stages[0]["numbers"]), (0, "passed", {"answer": 42}))
        self.assertIn("all well", text)
        self.assertIn("$ echo 'all well'", (self.args.out / "tried.log").read_text())

    def test_a_failing_command_fails_the_check_with_its_last_words_and_the_next_stage_still_runs(self):
        bad = self.stage(lambda runner: runner.run("sh", "-c", "echo first; echo the reason; exit 3"))
        good = self.stage(lambda runner: (["fine"], {}))
        status, stages, text = self.check(bad, good)
        self.assertEqual(status, 1)
        self.assertEqual([s["status"] for s in stages], ["failed", "passed"])
        self.assertIn("sh ended with status 3: the reason", text)

    def test_a_command_that_is_not_there_fails_in_one_line(self):
        status, stages, _ = self.check(self.stage(lambda runner: runner.run("/no/such/program")))
        self.assertEqual(status, 1)
        self.assertEqual(stages[0]["lines"], ["/no/such/program cannot be run: No such file or directory"])

    def test_a_stage_out_of_time_is_ended_with_everything_it_started(self):
        mark = pathlib.Path(self.folder.name) / "still-alive"
        start = time.monotonic()
        run = self.stage(lambda runner: runner.run("sh", "-c", f"(sleep 4; touch {mark}) & sleep 60"), limit=1)
        status, stages, _ = self.check(run)
        self.assertLess(time.monotonic() - start, 20)
        self.assertEqual((status, stages[0]["status"]), (1, "failed"))
        self.assertIn("out of time", stages[0]["lines"][0])
        time.sleep(4)
        self.assertFalse(mark.exists())

    def test_commands_run_together_print_in_their_order_and_into_one_log(self):
        words = [str(number) for number in range(20)]
        run = lambda runner: (runner.run_together([("echo", word) for word in words]), {})
        status, stages, _ = self.check(self.stage(run))
        self.assertEqual((status, [line.strip() for line in stages[0]["lines"]]), (0, words))
        self.assertEqual((self.args.out / "tried.log").read_text(), "".join(f"$ echo {word}\n{word}\n" for word in words))
        self.assertEqual([path.name for path in self.args.out.glob("*.part")], [])

    def test_one_of_several_commands_that_fails_fails_them_all_and_its_log_stays(self):
        commands = [("true",), ("sh", "-c", "echo a reason; exit 3"), ("true",)]
        status, stages, _ = self.check(self.stage(lambda runner: runner.run_together(commands)))
        self.assertEqual((status, stages[0]["lines"]), (1, ["sh ended with status 3: a reason"]))
        self.assertIn("a reason", (self.args.out / "tried.log").read_text())

    def test_the_parts_of_the_test_suite_are_all_of_it_once(self):
        program = pathlib.Path(self.folder.name) / "apps" / "mneme_tests"
        program.parent.mkdir()
        program.write_text(textwrap.dedent("""\
            #!/bin/sh
            [ "$1" = --count ] && echo "[doctest] unskipped test cases passing the current filters: 103" && exit
            echo "$1 $2" >> "$(dirname "$0")/asked"
            echo "skipped: no CUDA device; 2 test cases wanted one (none here)"
            """))
        program.chmod(0o755)
        with unittest.mock.patch.object(gpu_check, "gpu_here", lambda: False):
            status, stages, _ = self.check(self.stage(gpu_check.tests))
        parts = [[int(word.split("=")[1]) for word in line.split()] for line in (program.parent / "asked").read_text().splitlines()]
        self.assertEqual(sorted(case for first, last in parts for case in range(first, last + 1)), list(range(1, 104)))
        said = f"skipped: no CUDA device; {2 * len(parts)} test cases wanted one (none here)"
        self.assertEqual((status, stages[0]["lines"]), (0, ["103 test cases passed", said]))
        with unittest.mock.patch.object(gpu_check, "gpu_here", lambda: True):
            status, stages, _ = self.check(self.stage(gpu_check.tests))
        self.assertEqual((status, stages[0]["lines"]), (1, [f"there is a GPU, but the tests found none: {said}"]))

    def test_stages_that_need_a_gpu_are_passed_over_where_there_is_none_and_said_to_be(self):
        if gpu_check.gpu_here():
            self.skipTest("there is a GPU here")
        status, stages, text = self.check(self.stage(lambda runner: self.fail("ran without a GPU"), needs_gpu=True))
        self.assertEqual((status, stages[0]["status"]), (0, "skipped"))
        self.assertIn("no GPU here", text)


class Comparison(unittest.TestCase):
    def test_ratios_are_taken_round_by_round_and_stand_beside_their_goal(self):
        results = {"mneme": {"rounds_ms": [1.0, 2.0, 1.0]}, "eager": {"rounds_ms": [6.0, 10.0, 4.0]},
                   "compile": {"failed": "no compiler"}}
        comparison = gpu_check.Comparison("ResNet-9", "train", (), {"eager": 5.0, "compile": 1.3})
        self.assertEqual(gpu_check.goal_lines(comparison, results),
                         ["ResNet-9: 5.00 times PyTorch eager (4.00 to 6.00), goal 5.0",
                          "ResNet-9, PyTorch compile: did not run: no compiler"])


    def test_the_comparison_knows_the_flags_it_is_called_with(self):
        script = gpu_check.ROOT / "tools" / "compare-pytorch"
        text = subprocess.run([sys.executable, str(script), "--help"], capture_output=True, text=True).stdout
        for flag in ("--python", "--bench", "--device", "--workloads", "--variants", "--json"):
            self.assertIn(flag, text)
        for comparison in gpu_check.COMPARISONS:
            for word in [*comparison.flags, *comparison.goals]:
                if not isinstance(word, int):
                    self.assertIn(word, text)


class Libraries(unittest.TestCase):
    def test_dependencies_are_followed_but_the_system_keeps_its_own(self):
        needs = {"libfmt-dev": ["libfmt9"], "libfmt9": ["libc6", "libstdc++6", "libgcc-s1"],
                 "libdnnl-dev": ["libdnnl2", "libfmt9"], "libdnnl2": ["libgomp1", "ocl-icd-libopencl1"]}
        found = unpacked.with_dependencies(["libfmt-dev", "libdnnl-dev"], lambda package: needs.get(package, []))
        self.assertEqual(found, ["libfmt-dev", "libdnnl-dev", "libfmt9", "libdnnl2", "ocl-icd-libopencl1"])

    def test_the_list_of_packages_gives_our_libraries_without_compilers_and_downloads(self):
        names = unpacked.listed_packages()
        for name in ("libfmt-dev", "nlohmann-json3-dev", "libcli11-dev", "zlib1g-dev", "libssl-dev", "libstb-dev",
                     "doctest-dev"):
            self.assertIn(name, names)
        for name in ("g++", "cmake", "ninja-build", "python3", "libcurl4-openssl-dev"):
            self.assertNotIn(name, names)

    def test_absolute_links_are_turned_to_the_folder(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "lib").mkdir()
            (folder / "usr" / "lib").mkdir(parents=True)
            (folder / "lib" / "libz.so.1").write_text("a library")
            (folder / "usr" / "lib" / "libz.so").symlink_to("/lib/libz.so.1")
            unpacked.relative_links(folder)
            self.assertEqual((folder / "usr" / "lib" / "libz.so").read_text(), "a library")
            self.assertFalse(os.path.isabs(os.readlink(folder / "usr" / "lib" / "libz.so")))

    def test_libraries_come_before_the_systems_for_cmake_linker_and_loader(self):
        with tempfile.TemporaryDirectory() as name:
            for part in ("usr/include", "usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"):
                (pathlib.Path(name) / part).mkdir(parents=True)
            env = unpacked.environment(pathlib.Path(name))
            real = os.path.realpath(name)
            self.assertTrue(env["CMAKE_PREFIX_PATH"].startswith(f"{real}/usr"))
            for variable in ("LD_LIBRARY_PATH", "LIBRARY_PATH", "CMAKE_LIBRARY_PATH"):
                self.assertEqual(env[variable].split(os.pathsep)[:2],
                                 [f"{real}/lib/x86_64-linux-gnu", f"{real}/usr/lib/x86_64-linux-gnu"])


if __name__ == "__main__":
    unittest.main()
