#include "incremental/report/stored_run.h"

#include <cstdio>
#include <fstream>

#include "engine/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

using LastLayers = std::vector<std::vector<ClassOutput>>;

LastLayers read_last_layers(const fs::path& file) {
  std::ifstream in(file);
  MNEME_CHECK(in, "{}: cannot be read; was the run made by an older version?", file.string());
  LastLayers layers;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    size_t step = 0, task = 0, c = 0;
    ClassOutput out;
    const int found = std::sscanf(line.c_str(), "%zu,%zu,%zu,%lf,%lf,%lf", &step, &task, &c, &out.weight_length,
                                  &out.bias, &out.mean_logit);
    if (found == 6 && step == layers.size()) layers.emplace_back();
    MNEME_CHECK(found == 6 && step + 1 == layers.size() && c == layers.back().size(),
                "{}: '{}' is no line that a run writes", file.string(), line);
    layers.back().push_back(out);
  }
  return layers;
}

}  // namespace

RunResult stored_run(const fs::path& folder) {
  const fs::path file = folder / "summary.json";
  std::ifstream in(file);
  MNEME_CHECK(in, "{}: cannot be read: name the folder of a run that finished its first task", file.string());
  RunResult run;
  try {
    const nlohmann::json summary = nlohmann::json::parse(in);
    summary.at("method").get_to(run.method);
    summary.at("data_set").get_to(run.data_set);
    summary.at("seed").get_to(run.seed);
    summary.at("classes_per_task").get_to(run.classes_per_task);
    run.task_aware = AccuracyMatrix(summary.at("accuracy_task_aware").get<Triangle>());
    run.task_agnostic = AccuracyMatrix(summary.at("accuracy_task_agnostic").get<Triangle>());
  } catch (const nlohmann::json::exception& error) {
    fail("{}: is not what a run writes ({})", file.string(), error.what());
  }
  run.last_layer = read_last_layers(folder / "last_layer.csv");
  size_t classes = 0;
  bool fits = run.last_layer.size() == static_cast<size_t>(run.tasks_done());
  for (size_t step = 0; fits && step < run.last_layer.size(); ++step) {
    classes += static_cast<size_t>(run.classes_per_task[step]);
    fits = run.last_layer[step].size() == classes;
  }
  MNEME_CHECK(fits, "{}: last_layer.csv does not fit summary.json; are they of one run?", folder.string());
  return run;
}

}  // namespace mneme
