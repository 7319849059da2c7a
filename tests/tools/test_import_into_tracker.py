"""tools/import-into-tracker says to MLflow and W&B what the files of a run say.

Stand-ins for the two packages write down every call. Where the real packages are installed, their own files are read back as well.
"""
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "import-into-tracker"

MLFLOW = """
import contextlib, json, os
def note(*call): open(os.environ["CALLS"], "a").write(json.dumps(call) + chr(10))
set_tracking_uri = lambda uri: note("uri", uri)
set_experiment = lambda name: note("experiment", name)
set_tags = lambda tags: note("tags", tags)
log_params = lambda params: note("params", params)
log_metrics = lambda metrics, step=None: note("metrics", step, metrics)
log_artifact = lambda path: note("artifact", os.path.basename(path))
@contextlib.contextmanager
def start_run(run_name): note("run", run_name); yield
"""
WANDB = """
import json, os
def note(*call): open(os.environ["CALLS"], "a").write(json.dumps(call) + chr(10))
class Summary:
    def update(self, values): note("summary", values)
class Target:
    summary = Summary()
    def define_metric(self, name, step_metric=None): note("define", name, step_metric)
    def log(self, values): note("log", values)
    def finish(self): note("finish")
def init(project, name, config, mode, dir): note("init", project, name, config, mode); return Target()
"""


def write_run(folder, form=2, seed=1):
    folder.mkdir(parents=True)
    first = 1 if form >= 2 else 0
    run = {"method": {"name": "lwf", "lambda": 2.5}, "class_order": list(range(100)), "seed": seed}
    if form >= 2:
        run |= {"format": form, "provenance": {"command": "cifar100 --method lwf", "host": "there"}}
    (folder / "run.json").write_text(json.dumps(run))
    rows = [[0.8], [0.5, 0.7]]
    summary = {"method": "lwf", "data_set": "d", "seed": seed, "protocol": "p", "data_id": "i", "tasks_done": 2,
               "final_accuracy": 0.6, "final_mean_forgetting_task_aware": None}
    for rule in ("task_agnostic", "task_aware"):
        summary |= {"accuracy_" + rule: rows, "accuracy_per_step_" + rule: [0.8, 0.6], "mean_forgetting_per_step_" + rule: [None, 0.3]}
    (folder / "summary.json").write_text(json.dumps(summary))
    (folder / "report.html").write_text("<!doctype html>")
    lines = [{"task": first, "epoch": 1, "stage": "train", "loss": 2.5, "lr": 0.1, "validation_loss": 2.25,
              "terms": {"cross-entropy": 2.5}},
             {"task": first + 1, "epoch": 1, "stage": "bias correction", "loss": None, "lr": 0.1, "numbers": {"lambda_t of LF": 3}}]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"task": 2, "ep')


class ImportIntoTracker(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        for name, text in (("mlflow", MLFLOW), ("wandb", WANDB)):
            (self.folder / "stand-ins").mkdir(exist_ok=True)
            (self.folder / "stand-ins" / f"{name}.py").write_text(text)

    def tearDown(self):
        self.scratch.cleanup()

    def run_tool(self, *arguments, stand_ins=True):
        env = dict(os.environ, CALLS=str(self.folder / "calls"), PYTHONDONTWRITEBYTECODE="1")
        if stand_ins:
            env["PYTHONPATH"] = str(self.folder / "stand-ins")
        done = subprocess.run([sys.executable, str(TOOL), *arguments], cwd=self.folder, env=env, capture_output=True, text=True)
        calls = self.folder / "calls"
        return done, [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []

    def test_mlflow_gets_settings_epochs_tasks_and_results(self):
        write_run(self.folder / "lwf")
        done, calls = self.run_tool("mlflow", "lwf", "--uri", "file:here")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(["uri", "file:here"], calls)
        self.assertIn(["run", "lwf"], calls)
        params = dict(call for call in calls if call[0] == "params")["params"]
        self.assertEqual(params["method/lambda"], "2.5")
        self.assertEqual(len(params["class_order"]), 250)
        self.assertNotIn("provenance/command", params)
        self.assertEqual(dict(call for call in calls if call[0] == "tags")["tags"]["command"], "cifar100 --method lwf")
        metrics = [call[1:] for call in calls if call[0] == "metrics"]
        self.assertEqual(metrics[0], [1, {"task": 1, "loss": 2.5, "lr": 0.1, "validation_loss": 2.25, "loss_terms/cross-entropy": 2.5}])
        self.assertEqual(metrics[1], [2, {"task": 2, "bias_correction/lr": 0.1, "bias_correction/method/lambda_t of LF": 3}])
        self.assertEqual(metrics[2][0], 1)
        self.assertNotIn("after_task/forgetting_task_aware", metrics[2][1])  # not defined yet
        self.assertEqual(metrics[3][1]["after_task/accuracy_task_aware/on_task_2"], 0.7)
        self.assertEqual(metrics[4][1]["summary/final_accuracy"], 0.6)
        self.assertEqual([call[1] for call in calls if call[0] == "artifact"], ["report.html", "summary.json", "run.json"])

    def test_wandb_gets_the_same_offline(self):
        write_run(self.folder / "lwf")
        done, calls = self.run_tool("wandb", "lwf")
        self.assertEqual(done.returncode, 0, done.stderr)
        init = next(call for call in calls if call[0] == "init")
        self.assertEqual((init[1], init[2], init[4]), ("mneme", "lwf", "offline"))
        self.assertIn(["define", "after_task/*", "task_done"], calls)
        logs = [call[1] for call in calls if call[0] == "log"]
        self.assertEqual([entry.get("epoch") for entry in logs], [1, 2, None, None])
        self.assertEqual(logs[3]["after_task/accuracy_task_agnostic"], 0.6)
        self.assertEqual(dict(call for call in calls if call[0] == "summary")["summary"]["final_accuracy"], 0.6)
        self.assertEqual(calls[-1], ["finish"])

    def test_a_folder_of_seeds_is_as_many_runs_and_older_files_count_from_0(self):
        write_run(self.folder / "lwf" / "seed10", form=1, seed=10)
        write_run(self.folder / "lwf" / "seed2", seed=2)
        done, calls = self.run_tool("mlflow", "lwf")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([call[1] for call in calls if call[0] == "run"], ["lwf/seed2", "lwf/seed10"])
        tasks = [call[2]["task"] for call in calls if call[0] == "metrics" and "task" in call[2]]
        self.assertEqual(tasks, [1, 2, 1, 2])

    def test_what_is_no_run_is_one_line(self):
        done, calls = self.run_tool("mlflow", "nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertIn("nowhere is no folder of a run", done.stderr)
        self.assertEqual(calls, [])
        write_run(self.folder / "broken")
        (self.folder / "broken" / "run.json").write_text("{")
        done, _ = self.run_tool("wandb", "broken")
        self.assertIn("broken/run.json is no file that a run writes", done.stderr)

    @unittest.skipUnless(importlib.util.find_spec("mlflow"), "MLflow is not installed")
    def test_mlflow_itself_reads_the_numbers_back(self):
        write_run(self.folder / "lwf")
        done, _ = self.run_tool("mlflow", "lwf", "--uri", f"sqlite:///{self.folder}/mlflow.db", stand_ins=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        import mlflow
        client = mlflow.MlflowClient(f"sqlite:///{self.folder}/mlflow.db")
        run = client.search_runs([client.get_experiment_by_name("mneme").experiment_id])[0]
        self.assertEqual(run.data.metrics["summary/final_accuracy"], 0.6)
        self.assertEqual(run.data.params["method/lambda"], "2.5")
        curve = client.get_metric_history(run.info.run_id, "after_task/accuracy_task_aware")
        self.assertEqual([(point.step, point.value) for point in curve], [(1, 0.8), (2, 0.6)])

    @unittest.skipUnless(importlib.util.find_spec("wandb"), "W&B is not installed")
    def test_wandb_itself_writes_an_offline_run(self):
        write_run(self.folder / "lwf")
        done, _ = self.run_tool("wandb", "lwf", stand_ins=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(list((self.folder / "wandb-runs").glob("wandb/offline-run-*/*.wandb")))


if __name__ == "__main__":
    unittest.main()
