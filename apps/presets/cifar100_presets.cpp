#include "apps/presets/cifar100_presets.h"

#include <fmt/core.h>

namespace mneme {
namespace {

using Words = std::vector<std::string>;

Words joined(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// FACIL's driver defaults: what the runs of "Rethinking softmax in incremental learning" used (spec: distillation 12).
Words facil_driver(int tasks) {
  return {"--tasks",        std::to_string(tasks),
          "--order",        "shuffled:0",
          "--seed",         "0",
          "--validation",   "0.1",
          "--epochs",       "200",
          "--batch-size",   "64",
          "--lr",           "0.1",
          "--schedule",     "patience",
          "--lr-min",       "1e-4",
          "--lr-factor",    "3",
          "--lr-patience",  "5",
          "--clip",         "10000",
          "--momentum",     "0",
          "--weight-decay", "0",
          "--augmentation", "resized-crop"};
}

/// The protocol of "Balanced Softmax Cross-Entropy for Incremental Learning" on CIFAR-100 (spec: rebalancing 1.2 and
/// 3).
Words balanced_protocol(int steps) {
  return {"--base-classes",
          "50",
          "--tasks",
          std::to_string(steps + 1),
          "--order",
          "icarl",
          "--validation",
          "0",
          "--epochs",
          "250",
          "--batch-size",
          "128",
          "--lr",
          "0.1",
          "--schedule",
          "steps",
          "--milestones",
          "0.4,0.6,0.8",
          "--step-factor",
          "0.1",
          "--momentum",
          "0.9",
          "--weight-decay",
          "2e-4",
          "--augmentation",
          "crop",
          "--memory-per-class",
          "20",
          "--selection",
          "herding-repicked"};
}

Preset lwf_row(int tasks, double mean_over_entries, double forgetting, const char* source) {
  return {fmt::format("rethinking-lwf-{}-tasks", tasks),
          fmt::format("Rethinking softmax, {}: LwF, CIFAR-100 in {} tasks, no exemplars", source, tasks),
          joined({"--method", "lwf"}, facil_driver(tasks)),
          {{"mean_over_all_entries_task_aware", mean_over_entries, {}, source},
           {"mean_clipped_forgetting_over_all_entries_task_aware", forgetting, {}, source}}};
}

Preset balanced_row(const char* method, const char* row, int steps, double average, const Words& extra = {},
                    const char* suffix = "", const char* source = "Table 1") {
  return {fmt::format("{}-{}-steps{}", method, steps, suffix),
          fmt::format("Balanced softmax, {}: {}, 50 classes + {} steps, 20 per class", source, row, steps),
          joined(joined({"--method", method}, balanced_protocol(steps)), extra),
          {{"average_incremental_accuracy_task_agnostic", average, {}, source}}};
}

}  // namespace

const std::vector<Preset>& cifar100_presets() {
  static const std::vector<Preset> presets = {
      lwf_row(5, 0.654, 0.114, "Table A.2"),
      lwf_row(10, 0.613, 0.197, "10-task figure"),
      lwf_row(20, 0.524, 0.344, "Table A.2"),
      balanced_row("il-baseline", "IL-Baseline", 5, 0.4380),
      balanced_row("il-baseline", "IL-Baseline", 10, 0.3700),
      balanced_row("il-baseline-balanced", "IL-Baseline w/ BalancedS-CE", 5, 0.6222),
      balanced_row("il-baseline-balanced", "IL-Baseline w/ BalancedS-CE", 10, 0.5832),
      balanced_row("il-baseline-balanced", "alpha 0.5", 5, 0.6380, {"--alpha", "0.5"}, "-alpha-0.5", "Table 2"),
      balanced_row("il-baseline-balanced", "alpha 0.25", 5, 0.6409, {"--alpha", "0.25"}, "-alpha-0.25", "Table 2"),
      balanced_row("il-baseline-balanced", "alpha 0.1", 5, 0.6268, {"--alpha", "0.1"}, "-alpha-0.1", "Table 2"),
      balanced_row("il-baseline-balanced", "alpha 0.5", 10, 0.5952, {"--alpha", "0.5"}, "-alpha-0.5", "Table 2"),
      balanced_row("il-baseline-balanced", "alpha 0.25", 10, 0.5940, {"--alpha", "0.25"}, "-alpha-0.25", "Table 2"),
      balanced_row("il-baseline-balanced", "alpha 0.1", 10, 0.5768, {"--alpha", "0.1"}, "-alpha-0.1", "Table 2"),
  };
  return presets;
}

}  // namespace mneme
