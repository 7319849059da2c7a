#include "apps/presets/cifar100_presets.h"

#include <fmt/core.h>

#include "apps/presets/rethinking_presets.h"

namespace mneme {
namespace {

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

Preset balanced_row(const char* method, const char* row, int steps, double average, const Words& extra = {},
                    const char* suffix = "", const char* source = "Table 1") {
  return {fmt::format("{}-{}-steps{}", method, steps, suffix),
          fmt::format("Balanced softmax, {}: {}, 50 classes + {} steps, 20 per class", source, row, steps),
          joined(joined({"--method", method}, balanced_protocol(steps)), extra),
          {{"average_incremental_accuracy_task_agnostic", average, {}, source}}};
}

std::vector<Preset> balanced_presets() {
  return {
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
}

}  // namespace

const std::vector<Preset>& cifar100_presets() {
  static const std::vector<Preset> presets = [] {
    std::vector<Preset> all = rethinking_presets();
    for (const Preset& preset : balanced_presets()) all.push_back(preset);
    return all;
  }();
  return presets;
}

}  // namespace mneme
