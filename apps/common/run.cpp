#include "apps/common/run.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <system_error>

#include "apps/common/side_by_side.h"
#include "apps/terminal/console.h"
#include "apps/terminal/interrupt.h"
#include "apps/terminal/process.h"
#include "apps/terminal/progress_bar.h"
#include "data/files/atomic_file.h"
#include "engine/base/counted.h"
#include "incremental/experiment/dry_run.h"
#include "incremental/experiment/plan.h"
#include "incremental/experiment/settings.h"
#include "incremental/report/comparison.h"
#include "incremental/report/results/key_numbers.h"
#include "incremental/report/results/seeds.h"

namespace mneme {
namespace {

/// A percentage, or a dash for a number that is undefined, as the forgetting after one task is.
std::string percent_or_dash(double value) { return std::isfinite(value) ? fmt::format("{:.2f} %", 100 * value) : "-"; }

/// The three measures that papers print first, by the names that the report and the comparisons use.
std::string headline_text(const RunResult& result, const std::vector<KeyNumber>& numbers) {
  std::string out = fmt::format("\n{:<30}{:>14}{:>12}\n", "after " + counted(result.tasks_done(), "task"),
                                "task-agnostic", "task-aware");
  for (KeyNumber number : headline_numbers(numbers)) {
    number.label[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(number.label[0])));
    out += fmt::format("{:<30}{:>14}{:>12}\n", number.label, percent_or_dash(number.task_agnostic),
                       percent_or_dash(number.task_aware));
  }
  if (const double top5 = find_number(numbers, "average_incremental_top5_accuracy_task_agnostic").value;
      std::isfinite(top5))
    out += fmt::format("{:<30}{:>14}{:>12}\n", "top-5, averaged likewise", percent_or_dash(top5), "");
  return out;
}

void print_result(const RunResult& result, const RunFolder& folder, bool quiet) {
  const std::filesystem::path report = folder.path() / "report.html";
  if (quiet)
    say(stdout, report.string() + "\n");
  else
    say(stdout, fmt::format("{}report: {}\n", result_text(result), std::filesystem::absolute(report).string()));
}

/// Prints what is unusual or easily missed about the run, for example held-out images. Remarks were printed before.
void print_notes(const ExperimentOptions& options, const Scenario& scenario) {
  for (const std::string& note : plan_warnings(options, scenario))
    if (std::ranges::find(options.remarks, note) == options.remarks.end())
      say(stdout, folded_for(stdout, "note: " + note) + "\n");
}

Existing existing(const Flags& flags) {
  return flags.resume ? Existing::resume : flags.overwrite ? Existing::overwrite : Existing::refuse;
}

/// Continues the run in the folder. Returns true if the run is already complete.
bool resume(Experiment& experiment, RunFolder& folder, bool quiet) {
  if (experiment.is_complete(folder)) {
    experiment.mend(folder, [](const std::string& line) { say(stderr, line + '\n'); });
    say(stdout, fmt::format("{}{}\n", quiet ? "" : "this run is complete: ", (folder.path() / "report.html").string()));
    return true;
  }
  experiment.resume(folder, [](const std::string& line) { say(stderr, line + '\n'); });
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
  const NotedInterrupts interrupts;
  if (!flags.quiet)
    say(stdout, fmt::format("{} on {}, {} in {}, seed {}, {}\n", flags.experiment.method, data.train.info.name,
                            counted(experiment.scenario().order.size(), "class"),
                            counted(experiment.scenario().tasks(), "task"), flags.experiment.seed,
                            machine_text(flags.experiment.device)));
  if (!flags.quiet) print_notes(flags.experiment, experiment.scenario());
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
  nlohmann::json& given = one.experiment.origin.flags;
  given["seed"] = std::to_string(seed);
  for (const auto& [flag, path] : {std::pair{"first-task-from", one.experiment.first_task_from},
                                   std::pair{"exemplars-from", one.experiment.exemplars_from}})
    if (!path.empty()) given[flag] = path.string();
  run_once(one, data);
}

/// Runs each seed in a process of its own.
void run_seeds_side_by_side(const Flags& flags) {
  std::vector<Job> jobs;
  for (const uint64_t seed : flags.seeds)
    jobs.push_back({fmt::format("seed {}", seed), {"--only-seed", std::to_string(seed)}});
  run_side_by_side(jobs, flags.jobs);
}

/// Reads the runs of these seeds and those of --against, as `report compare` does.
std::vector<RunGroup> groups_of_seeds(const Flags& flags) {
  std::vector<std::string> folders;
  if (!flags.against.empty()) folders.push_back(flags.against.string());
  for (const uint64_t seed : flags.seeds) folders.push_back((flags.out / fmt::format("seed{}", seed)).string());
  return grouped(runs_in(folders));
}

void run_seeds(const Flags& flags, const Dataset& data) {
  const SeedRuns against = runs_against(flags, data);
  if (flags.jobs > 1)
    run_seeds_side_by_side(flags);
  else
    for (const uint64_t seed : flags.seeds) {
      run_seed(flags, data, seed);
      if (interrupt_noted()) throw Interrupted(fmt::format("stopped after seed {}, which is complete", seed));
    }
  SeedRuns runs = read_seed_runs(flags.out);
  std::erase_if(runs, [&](const auto& run) { return std::ranges::find(flags.seeds, run.first) == flags.seeds.end(); });
  const std::filesystem::path file = flags.out / "seeds.json", page = flags.out / "comparison.html";
  write_file_atomically(file, as_json(seed_rows(runs, against, flags.mixed), runs).dump(2) + '\n');
  const std::vector<RunGroup> groups = groups_of_seeds(flags);
  write_file_atomically(page, comparison_html(groups));
  if (flags.quiet)
    say(stdout, file.string() + "\n");
  else
    say(stdout, fmt::format("\n{}{}\ncomparison: {}\n", comparison_text(groups),
                            std::filesystem::absolute(file).string(), std::filesystem::absolute(page).string()));
}

/// Refuses folders that the run itself would refuse.
void check_folders(const Flags& flags) {
  if (existing(flags) != Existing::refuse) return;
  if (flags.seeds.empty()) RunFolder::check_holds_no_run(flags.out);
  for (const uint64_t seed : flags.seeds) RunFolder::check_holds_no_run(flags.out / fmt::format("seed{}", seed));
}

/// The command line that continues a stopped run: the same words and --resume, which wins over an `overwrite` in a
/// --config file.
std::string again(std::vector<std::string> words) {
  std::erase_if(words,
                [](const std::string& word) { return word == "--overwrite" || word.starts_with("--overwrite="); });
  if (std::ranges::find(words, "--resume") == words.end()) words.push_back("--resume");
  return shell_words(words);
}

/// Prints why the program ends, and returns its exit code.
int fail_with(const char* name, std::string_view message, int code) {
  end_live_line();
  say(stderr, fmt::format("{}: {}\n", name, message));
  return code;
}

int guarded(const std::vector<std::string>& words, const char* name,
            const std::function<int(const std::vector<std::string>& arguments)>& start) try {
  return start({words.begin() + 1, words.end()});
} catch (const Interrupted& stop) {
  return fail_with(name, fmt::format("{}; go on with:\n  {}", stop.what(), again(words)), 128 + interrupt_noted());
} catch (const Error& error) {
  return fail_with(name, error.what(), error.exit_code());
} catch (const std::bad_alloc&) {
  return fail_with(name, out_of_memory(words), 1);
} catch (const std::length_error&) {  // thrown for a size that no vector can have
  return fail_with(name, out_of_memory(words), 1);
} catch (const std::filesystem::filesystem_error& error) {
  return fail_with(name, error.what(), 1);
} catch (const std::system_error& error) {
  const std::string lost = flush_output();  // printing throws if standard output is full; run_program() reports that
  return lost.empty() ? fail_with(name, error.what(), 1) : 1;
} catch (const std::exception& error) {
  return fail_with(name, error.what(), 1);
}

}  // namespace

std::string result_text(const RunResult& result) {
  const auto numbers = key_numbers(result);
  std::string out = headline_text(result, numbers);
  out += fmt::format("protocol {}, data {}: compare with runs that have both\n", result.protocol, result.data_id);
  if (!result.published.empty() && !result.departures.empty())
    out += fmt::format("not as published, so that numbers do not compare: {}\n", fmt::join(result.departures, "; "));
  for (const PublishedNumber& published : result.published) {
    const NamedValue ours = find_number(numbers, published.key);
    const std::string beside = std::isfinite(ours.value)
                                   ? fmt::format("ours {:.2f} %, difference {:+.2f} points", 100 * ours.value,
                                                 100 * (ours.value - published.value))
                                   : "ours not known yet: too few tasks";
    out += fmt::format("{}: published {:.2f} % ({}), {}{}\n", ours.label, 100 * published.value, published.source,
                       beside, published.note.empty() ? "" : "; " + published.note);
  }
  return out;
}

int run_experiments(Flags& flags, const Dataset& data) {
  if (flags.dry_run) {
    check_folders(flags);
    say(stdout, as_text(make_plan(flags.experiment, data, flags.out)));
    return 0;
  }
  if (flags.only_seed) {
    stop_with_parent();
    run_seed(flags, data, *flags.only_seed);
    return 0;
  }
  if (flags.verify_determinism) {
    const std::string found = verify_determinism(flags.experiment, data);
    if (!flags.quiet) say(stdout, fmt::format("determinism: {}\n", found));
  }
  if (flags.seeds.empty())
    run_once(flags, data);
  else
    run_seeds(flags, data);
  return 0;
}

int run_program(const std::vector<std::string>& words, const char* name,
                const std::function<int(const std::vector<std::string>& arguments)>& start) {
  settle_process();
  const int code = guarded(words, name, start);
  const std::string lost = flush_output();
  if (lost.empty()) return code;
  return fail_with(name, fmt::format("standard output could not be written: {}", lost), code ? code : 1);
}

}  // namespace mneme
