"""Tests tools/results-table: whole rows, from summaries in which every number differs from every other."""
import json
import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools" / "results-table"


def summary(method, first, **more):
    """The six numbers of a row, from `first` per cent on in steps of 7.1, between others that are like them."""
    names = [f"{kind}_task_{rule}" for rule in ("agnostic", "aware")
             for kind in ("average_incremental_accuracy", "final_accuracy", "final_mean_forgetting")]
    numbers = {name: (first + 7.1 * i) / 100 for i, name in enumerate(names)}
    others = {"final_base_accuracy_task_agnostic": .999, "final_accuracy": .998, "average_incremental_accuracy": .997}
    return {"method": method, "protocol": "aaa", "data_id": "ddd", "tasks_done": 3, **numbers, **others, **more}


class Table(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, content):
        (self.folder / name).mkdir()
        (self.folder / name / "summary.json").write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")
        return str(self.folder / name)

    def table(self, *words):
        return subprocess.run([str(SCRIPT), *words], capture_output=True, text=True)

    def test_every_number_stands_under_its_own_heading(self):
        runs = [self.write("a", summary("lwf", 10)), self.write("b", summary("ewc", 50.5, final_mean_forgetting_task_aware=None))]
        lines = self.table(*runs).stdout.splitlines()
        self.assertEqual([line.split() for line in lines[1:4]],
                         [["method", *["average", "final", "forgetting"] * 2],
                          ["lwf", "10.0", "17.1", "24.2", "31.3", "38.4", "45.5"],
                          ["ewc", "50.5", "57.6", "64.7", "71.8", "78.9", "-"]])
        self.assertLess(lines[0].index("task-agnostic"), lines[0].index("task-aware"))
        marked = self.table("--markdown", *runs).stdout.splitlines()
        self.assertEqual(marked[0], "| method | average incremental accuracy, task-agnostic | final accuracy, "
                                    "task-agnostic | forgetting, task-agnostic | average incremental accuracy, "
                                    "task-aware | final accuracy, task-aware | forgetting, task-aware |")
        self.assertEqual(marked[2:], ["| lwf | 10.0 | 17.1 | 24.2 | 31.3 | 38.4 | 45.5 |",
                                      "| ewc | 50.5 | 57.6 | 64.7 | 71.8 | 78.9 | - |"])

    def test_runs_of_one_method_are_told_apart_by_their_folders(self):
        done = self.table("--markdown", self.write("seed1", summary("lwf", 10)), self.write("seed2", summary("lwf", 20)))
        self.assertEqual([row.split(" | ")[0] for row in done.stdout.splitlines()[2:]], ["| lwf, seed1", "| lwf, seed2"])

    def test_what_does_not_compare_is_refused_unless_asked_for(self):
        for key, other in (("protocol", "bbb"), ("data_id", "eee"), ("tasks_done", 2)):
            with self.subTest(key):
                runs = [self.write(f"a-{key}", summary("lwf", 10)), self.write(f"b-{key}", summary("ewc", 20, **{key: other}))]
                refused = self.table(*runs)
                self.assertEqual((refused.returncode, refused.stdout), (1, ""))
                self.assertIn("--mixed shows them all the same", refused.stderr)
                mixed = self.table("--mixed", *runs)
                self.assertEqual(mixed.returncode, 0)
                self.assertIn("compare with care", mixed.stdout)

    def test_a_missing_run_is_named(self):
        done = self.table(str(self.folder / "nowhere"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("nowhere", done.stderr)


if __name__ == "__main__":
    unittest.main()
