#include "apps/presets/survey_presets.h"

#include <fmt/core.h>

#include "apps/presets/number_keys.h"
#include "apps/presets/rethinking_presets.h"

namespace mneme {
namespace {

Words protocol() {
  return joined(facil_driver_flags(10), {"--order", "icarl", "--batch-size", "128", "--lr-patience", "10", "--momentum",
                                         "0.9", "--weight-decay", "2e-4", "--grid-search-tasks", "10"});
}

/// The survey searched LUCIR's weight under a key that LUCIR does not read, so that the weight stayed at 5. A search
/// with this allowed drop of accuracy always accepts its first value.
const Words lucir = {"--method", "lucir", "--lambda", "5", "--grid-drop", "0.9999"};

/// The second stage of EEIL in the survey has a tenth of the learning rate. The driver's default is a hundredth.
const Words eeil = {"--method", "eeil", "--finetuning-lr-factor", "0.1"};

struct Memory {
  const char *name, *what;
  Words flags;
};

const Memory memories[] = {
    {"", "without exemplars", {}},
    {"-2000",
     "with 2000 exemplars",
     {"--memory-total", "2000", "--memory-round-up", "--selection", "herding", "--reselect-old"}},
    {"-20-per-class",
     "with 20 exemplars per class",
     {"--memory-per-class", "20", "--selection", "herding", "--reselect-old"}},
};

}  // namespace

std::vector<Preset> survey_presets() {
  std::vector<Preset> all;
  for (const Memory& memory : memories) {
    const Words flags = joined(protocol(), memory.flags);
    const std::string name = fmt::format("facil-survey{}", memory.name);
    all.push_back(
        {name,
         fmt::format("FACIL's survey in 10 tasks {}, for any --method: rate and --lambda by grid search before "
                     "every task",
                     memory.what),
         flags});
    if (memory.flags.empty()) continue;
    all.push_back({name + "-lucir",
                   fmt::format("FACIL's survey: LUCIR in 10 tasks {}, its weight fixed at 5", memory.what),
                   joined(lucir, flags)});
    all.push_back({name + "-eeil",
                   fmt::format("FACIL's survey: EEIL in 10 tasks {}, finetuned at a tenth of the rate", memory.what),
                   joined(eeil, flags)});
  }
  all.push_back({"facil-survey-lwf",
                 "FACIL's survey: LwF in 10 tasks without exemplars",
                 joined({"--method", "lwf"}, protocol()),
                 {{"facil-survey",
                   "CIFAR-100-10-10",
                   "LwF",
                   "CIFAR-100, 10 tasks, no exemplars",
                   Fidelity::faithful,
                   "",
                   {{keys::final_agnostic, .302}}}}});
  return all;
}

}  // namespace mneme
