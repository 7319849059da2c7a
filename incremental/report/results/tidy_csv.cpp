#include "incremental/report/results/tidy_csv.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "incremental/report/results/key_numbers.h"

namespace mneme {
namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

/// The lines of one run.
class RunLines {
 public:
  RunLines(std::string& out, const RunGroup& group, const NamedRun& each) : out_(out), run_(each.run) {
    begin_ = fmt::format("{},{},{},{},{},{},{},{}", quoted(each.name), quoted(group.label), quoted(run_.method),
                         quoted(run_.data_set), run_.seed, quoted(run_.protocol), quoted(run_.data_id),
                         run_.tasks_planned());
  }

  /// Accuracy and forgetting, task by task and over all classes seen.
  void add_matrix(const char* prediction, const AccuracyMatrix& accuracy) {
    const Triangle forgotten = forgetting(accuracy);
    const std::vector<double> seen = accuracy_per_step(run_, accuracy),
                              mean_forgotten = mean_forgetting_per_step(accuracy);
    for (std::size_t t = 0; t < seen.size(); ++t) {
      for (std::size_t u = 0; u <= t; ++u)
        add_step(t, fmt::format("{}", u + 1), "accuracy", prediction, accuracy.rows()[t][u]);
      add_step(t, "", "accuracy", prediction, seen[t]);
      for (std::size_t u = 0; u < forgotten[t].size(); ++u)
        add_step(t, fmt::format("{}", u + 1), "forgetting", prediction, forgotten[t][u]);
      add_step(t, "", "forgetting", prediction, mean_forgotten[t]);
    }
  }

  void add_averages() {
    for (const KeyNumber& number : key_numbers(run_)) {
      add(",,", number.key, "task-agnostic", number.task_agnostic);
      if (number.has_aware) add(",,", number.key, "task-aware", number.task_aware);
    }
  }

 private:
  void add_step(std::size_t t, const std::string& on_task, const char* metric, const char* prediction, double value) {
    int classes = 0;
    for (std::size_t u = 0; u <= t; ++u) classes += run_.classes_per_task[u];
    add(fmt::format("{},{},{}", t + 1, on_task, classes), metric, prediction, value);
  }

  void add(const std::string& where, const std::string& metric, const char* prediction, double value) {
    if (std::isfinite(value))
      fmt::format_to(std::back_inserter(out_), "{},{},{},{},{}\n", begin_, where, metric, prediction, value);
  }

  std::string& out_;
  const RunResult& run_;
  std::string begin_;
};

}  // namespace

std::string tidy_csv(std::span<const RunGroup> groups) {
  std::string out =
      "run,label,method,data_set,seed,protocol,data_id,tasks_planned,after_task,on_task,classes_seen,metric,"
      "prediction,value\n";
  for (const RunGroup& group : groups)
    for (const NamedRun& each : group.runs) {
      RunLines lines(out, group, each);
      lines.add_matrix("task-agnostic", each.run.task_agnostic);
      lines.add_matrix("task-aware", each.run.task_aware);
      lines.add_averages();
    }
  return out;
}

}  // namespace mneme
