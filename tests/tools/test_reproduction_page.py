"""docs/results/reproduction.md agrees with the stored runs and the presets, and tools/reproduction-page judges rightly.

MNEME_PROGRAMS names the folder of the built programs.
"""
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "reproduction-page"
spec = importlib.util.spec_from_loader("page", importlib.machinery.SourceFileLoader("page", str(TOOL)))
page = importlib.util.module_from_spec(spec)
spec.loader.exec_module(page)

KEY = "average_incremental_accuracy_task_agnostic"


def row(fidelity="faithful", flags=("--method", "lwf", "--epochs", "10", "--tasks", "2"), value=0.5):
    return {"program": "cifar100", "work": "podnet", "table": "1", "row": "LwF", "setting": "s", "fidelity": fidelity,
            "reason": "" if fidelity == "faithful" else "why", "preset": "lwf-2-tasks", "flags": list(flags),
            "numbers": [{"key": KEY, "value": value}], "curves": []}


def write_run(root, name, ours=0.5, epochs=10, seed=1, method="lwf", departures=(), done=2):
    folder = root / "docs" / "results" / "runs" / name
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(
        {"preset": "lwf-2-tasks", "method": {"name": method}, "training": {"epochs": epochs, "base_epochs": 0},
         "backend": "cpu: avx2", "data": {"name": "CIFAR-100"}}))
    (folder / "summary.json").write_text(json.dumps(
        {"seed": seed, "tasks_done": done, "tasks_planned": 2, "departures": list(departures), KEY: ours}))


class Tree:
    """A repository of one table of one row, whose programs are shell scripts."""

    def __init__(self, test, rows):
        scratch = tempfile.TemporaryDirectory()
        test.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        results = self.root / "docs" / "results"
        results.mkdir(parents=True)
        (results / "reasons.json").write_text(json.dumps({"headline": ["cifar100 lwf-2-tasks"], "outside": {}, "departs": {}, "no_row": {}}))
        (self.root / "README.md").write_text("before\n" + "\n".join(page.MARKS) + "\nafter\n")
        apps = self.root / "build" / "apps"
        apps.mkdir(parents=True)
        for program in page.PROGRAMS:
            (apps / program).write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(rows if program == 'cifar100' else [])}\nEND\n")
            (apps / program).chmod(0o755)

    def run(self, *words):
        environment = {**os.environ, "MNEME_ROOT": str(self.root), "MNEME_PROGRAMS": str(self.root / "build" / "apps")}
        return subprocess.run([TOOL, *words], capture_output=True, text=True, env=environment)

    def page(self):
        made = self.run()
        assert made.returncode == 0, made.stderr
        return (self.root / "docs" / "results" / "reproduction.md").read_text()


class Verdicts(unittest.TestCase):
    def last_cell(self, rows, *runs):
        tree = Tree(self, rows)
        for number, run in enumerate(runs):
            write_run(tree.root, f"2026-01-0{number + 1}-run", **run)
        line = next(line for line in tree.page().splitlines() if line.startswith("| LwF | s |"))
        return line.split(" | ")[-1].strip(" |"), line

    def test_a_run_of_full_length_is_within_or_outside(self):
        self.assertEqual("within 1.5 points", self.last_cell([row()], {"ours": 0.514})[0])
        verdict, line = self.last_cell([row()], {"ours": 0.484})
        self.assertEqual("outside: unexplained", verdict)
        self.assertIn("| 50.00 | 48.40 | -1.60 | 100 % | 1 | cpu: avx2 | 2026-01-01 |", line)

    def test_seeds_of_one_length_are_averaged_and_shorter_runs_give_way(self):
        verdict, line = self.last_cell([row()], {"ours": 0.49}, {"ours": 0.51, "seed": 2}, {"ours": 0.1, "epochs": 5})
        self.assertEqual("within 1.5 points", verdict)
        self.assertIn("| 50.00 | 50.00 | +0.00 | 100 % | 1, 2 |", line)

    def test_fewer_epochs_or_tasks_are_shortened(self):
        for run in ({"epochs": 5}, {"done": 1}):
            verdict, line = self.last_cell([row()], run)
            self.assertEqual("shortened", verdict)
            self.assertIn("| 50 % |", line)

    def test_other_settings_depart_and_lengths_do_not(self):
        self.assertEqual("departs: method/lambda is 3 instead of 1",
                         self.last_cell([row()], {"departures": ["method/lambda is 3 instead of 1"]})[0])
        self.assertEqual("shortened", self.last_cell(
            [row()], {"epochs": 5, "departures": ["training/epochs is 5 instead of 10"]})[0])

    def test_a_run_before_its_preset_changed_departs_as_is_told(self):
        tree = Tree(self, [row()])
        reasons = tree.root / "docs" / "results" / "reasons.json"
        told = {**json.loads(reasons.read_text()), "departs": {"2026-01-01-run": "plain steps instead of Adam"}}
        reasons.write_text(json.dumps(told))
        write_run(tree.root, "2026-01-01-run", departures=["method/lambda is 3 instead of 1"])
        self.assertIn("| departs: plain steps instead of Adam |", tree.page())

    def test_rows_that_do_not_compare_say_so(self):
        self.assertEqual("not comparable", self.last_cell([row("not comparable")], {})[0])
        self.assertEqual("not run", self.last_cell([row()])[0])
        verdict, line = self.last_cell([{**row("not offered"), "preset": None, "flags": []}, {**row(), "row": "other"}])
        self.assertEqual("not offered", verdict)
        self.assertIn("| not offered (1) |", line)

    def test_a_run_of_another_method_belongs_to_the_preset_of_that_method(self):
        other = {**row(flags=("--method", "lwf-s", "--epochs", "10", "--tasks", "2")), "preset": "lwf-s-2-tasks",
                 "row": "LwF-S"}
        tree = Tree(self, [row(), other])
        write_run(tree.root, "2026-01-01-run", method="lwf-s")
        lines = tree.page().splitlines()
        self.assertTrue(next(line for line in lines if line.startswith("| LwF | ")).endswith("| not run |"))
        self.assertTrue(next(line for line in lines if line.startswith("| LwF-S | ")).endswith("| within 1.5 points |"))

    def test_a_page_that_disagrees_with_the_files_is_found(self):
        tree = Tree(self, [row()])
        self.assertEqual(1, tree.run("--check").returncode)
        tree.page()
        self.assertEqual(0, tree.run("--check").returncode)
        self.assertIn("| PodNet: LwF, s (".lower(), (tree.root / "README.md").read_text().lower())
        write_run(tree.root, "2026-01-01-run")
        found = tree.run("--check")
        self.assertEqual(1, found.returncode)
        self.assertIn("docs/results/reproduction.md", found.stderr)
        self.assertEqual(2, tree.run("--chek").returncode)


class Repository(unittest.TestCase):
    def test_the_page_agrees_with_the_stored_runs_and_the_presets(self):
        programs = pathlib.Path(os.environ.get("MNEME_PROGRAMS", ROOT / "build" / "apps"))
        if not (programs / "landmarks").exists():
            self.skipTest("the programs are not built")
        checked = subprocess.run([TOOL, "--check"], capture_output=True, text=True)
        self.assertEqual(0, checked.returncode, checked.stderr)


if __name__ == "__main__":
    unittest.main()
