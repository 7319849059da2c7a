#include "apps/common/run.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>

#include "apps/common/side_by_side.h"
#include "apps/terminal/console.h"
#include "apps/terminal/interrupt.h"
#include "data/files/atomic_file.h"
#include "engine/base/counted.h"
#include "incremental/experiment/dry_run.h"
#include "incremental/experiment/plan.h"
#include "incremental/experiment/settings.h"
#include "incremental/report/results/key_numbers.h"
#include "incremental/report/results/seeds.h"

namespace mneme {
namespace {

/// Zero and a number that is undefined, the forgetting of one task, look different.
std::string percent_or_dash(double value) { return std::isfinite(value) ? fmt::format("{:.2f} %", 100 * value) : "-"; }

/// The three measures that papers print first, by the names that the report and the comparisons use.
void print_headline(const RunResult& result, const std::vector<KeyNumber>& numbers) {
  fmt::print("\n{:<30}{:>14}{:>12}\n", "after " + counted(result.tasks_done(), "task"), "task-agnostic", "task-aware");
  for (KeyNumber number : headline_numbers(numbers)) {
    number.label[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(number.label[0])));
    fmt::print("{:<30}{:>14}{:>12}\n", number.label, percent_or_dash(number.task_agnostic),
               percent_or_dash(number.task_aware));
  }
  if (const double top5 = find_number(numbers, "average_incremental_top5_accuracy_task_agnostic").value;
      std::isfinite(top5))
    fmt::print("{:<30}{:>14}{:>12}\n", "top-5, averaged likewise", percent_or_dash(top5), "");
}

void print_result(const RunResult& result, const RunFolder& folder, bool quiet) {
  if (quiet) {
    fmt::print("{}\n", (folder.path() / "report.html").string());
    return;
  }
  const auto numbers = key_numbers(result);
  print_headline(result, numbers);
  fmt::print("protocol {}, data {}: compare with runs that have both\n", result.protocol, result.data_id);
  if (!result.published.empty() && !result.departures.empty())
    fmt::print("not as published, so that numbers do not compare: {}\n", fmt::join(result.departures, "; "));
  for (const PublishedNumber& published : result.published) {
    const NamedValue ours = find_number(numbers, published.key);
    const std::string beside = std::isfinite(ours.value)
                                   ? fmt::format("ours {:.2f} %, difference {:+.2f} points", 100 * ours.value,
                                                 100 * (ours.value - published.value))
                                   : "ours not known yet: too few tasks";
    fmt::print("{}: published {:.2f} % ({}), {}{}\n", ours.label, 100 * published.value, published.source, beside,
               published.note.empty() ? "" : "; " + published.note);
  }
  fmt::print("report: {}\n", std::filesystem::absolute(folder.path() / "report.html").string());
}

Existing existing(const Flags& flags) {
  return flags.resume ? Existing::resume : flags.overwrite ? Existing::overwrite : Existing::refuse;
}

/// Continues the run in the folder. Returns true if the run is already complete.
bool resume(Experiment& experiment, RunFolder& folder, bool quiet) {
  if (experiment.is_complete(folder)) {
    fmt::print("{}{}\n", quiet ? "" : "this run is complete: ", (folder.path() / "report.html").string());
    return true;
  }
  experiment.resume(folder, [](const std::string& line) { fmt::print(stderr, "{}\n", line); });
  return false;
}

void run_once(const Flags& flags, const Dataset& data) {
  Experiment experiment(flags.experiment, data);
  RunFolder folder(flags.out, existing(flags));
  if (flags.resume && resume(experiment, folder, flags.quiet)) return;
  Console console(flags.experiment, experiment.scenario());
  ExperimentCallbacks callbacks;
  if (!flags.quiet) callbacks = console.callbacks();
  callbacks.stop_requested = [] { return interrupt_noted() != 0; };
  note_interrupts();
  if (!flags.quiet)
    fmt::print("{} on {}, {} in {}, seed {}, {}\n", flags.experiment.method, data.train.info.name,
               counted(experiment.scenario().order.size(), "class"), counted(experiment.scenario().tasks(), "task"),
               flags.experiment.seed, machine_text(flags.experiment.device));
  print_result(experiment.run(folder, callbacks), folder, flags.quiet);
}

/// The folder of one seed inside a folder that --seeds filled; the folder itself if it holds a single run.
std::filesystem::path of_seed(const std::filesystem::path& folder, const std::string& seed) {
  return std::filesystem::is_directory(folder / seed) ? folder / seed : folder;
}

/// Loads the runs to compare with. Throws before the training if they cannot be compared, not hours later.
SeedRuns runs_against(const Flags& flags, const Dataset& data) {
  if (flags.against.empty()) return {};
  SeedRuns against = read_seed_runs(flags.against), planned;
  const nlohmann::json id = data_settings(data)["id"];
  for (const uint64_t seed : flags.seeds) {
    const Scenario scenario = make_scenario(data, flags.experiment.scenario, seed);
    planned[seed] = {
        {"protocol", protocol_id(flags.experiment, scenario)}, {"data_id", id}, {"tasks_done", scenario.tasks_to_run}};
  }
  check_comparable(planned, against, flags.mixed);
  return against;
}

void run_seed(const Flags& flags, const Dataset& data, uint64_t seed) {
  const std::string name = fmt::format("seed{}", seed);
  Flags one = flags;
  one.experiment.seed = seed;
  one.experiment.first_task_from = of_seed(flags.experiment.first_task_from, name);
  one.experiment.exemplars_from = of_seed(flags.experiment.exemplars_from, name);
  one.out = flags.out / name;
  run_once(one, data);
}

/// Runs each seed in a process of its own.
void run_seeds_side_by_side(const Flags& flags) {
  std::vector<Job> jobs;
  for (const uint64_t seed : flags.seeds)
    jobs.push_back({fmt::format("seed {}", seed), {"--only-seed", std::to_string(seed)}});
  run_side_by_side(jobs, flags.jobs);
}

void run_seeds(const Flags& flags, const Dataset& data) {
  const SeedRuns against = runs_against(flags, data);
  if (flags.jobs > 1)
    run_seeds_side_by_side(flags);
  else
    for (const uint64_t seed : flags.seeds) run_seed(flags, data, seed);
  SeedRuns runs = read_seed_runs(flags.out);
  std::erase_if(runs, [&](const auto& run) { return std::ranges::find(flags.seeds, run.first) == flags.seeds.end(); });
  const std::vector<SeedRow> rows = seed_rows(runs, against, flags.mixed);
  const std::filesystem::path file = flags.out / "seeds.json";
  write_file_atomically(file, as_json(rows, runs).dump(2) + '\n');
  if (flags.quiet)
    fmt::print("{}\n", file.string());
  else
    fmt::print("\n{}, mean ± deviation:\n{}{}\n", counted(runs.size(), "seed"), as_text(rows),
               std::filesystem::absolute(file).string());
}

/// Refuses what the run itself would refuse of its folders.
void check_folders(const Flags& flags) {
  if (existing(flags) != Existing::refuse) return;
  if (flags.seeds.empty()) RunFolder::check_holds_no_run(flags.out);
  for (const uint64_t seed : flags.seeds) RunFolder::check_holds_no_run(flags.out / fmt::format("seed{}", seed));
}

/// The command line that continues a stopped run: the same words and --resume.
std::string again(std::vector<std::string> words) {
  std::erase(words, "--overwrite");
  if (std::ranges::find(words, "--resume") == words.end()) words.push_back("--resume");
  return shell_words(words);
}

}  // namespace

int run_experiments(Flags& flags, const Dataset& data) {
  if (flags.dry_run) {
    check_folders(flags);
    fmt::print("{}", as_text(make_plan(flags.experiment, data, flags.out)));
    return 0;
  }
  if (flags.only_seed) {
    run_seed(flags, data, *flags.only_seed);
    return 0;
  }
  if (flags.verify_determinism) {
    const std::string found = verify_determinism(flags.experiment, data);
    if (!flags.quiet) fmt::print("determinism: {}\n", found);
  }
  if (flags.seeds.empty())
    run_once(flags, data);
  else
    run_seeds(flags, data);
  return 0;
}

int run_program(const std::vector<std::string>& words, const char* name,
                const std::function<int(const std::vector<std::string>& arguments)>& start) try {
  return start({words.begin() + 1, words.end()});
} catch (const Interrupted& stop) {
  fmt::print(stderr, "{}: {}; go on with:\n  {}\n", name, stop.what(), again(words));
  return 128 + interrupt_noted();
} catch (const Error& error) {
  fmt::print(stderr, "{}: {}\n", name, error.what());
  return error.exit_code();
} catch (const std::exception& error) {
  fmt::print(stderr, "{}: {}\n", name, error.what());
  return 1;
}

}  // namespace mneme
