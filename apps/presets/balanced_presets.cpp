#include "apps/presets/balanced_presets.h"

#include <fmt/core.h>

namespace mneme {
namespace {

constexpr const char* average = "average_incremental_accuracy_task_agnostic";

/// What the paper, LUCIR and PODNet share: spec rebalancing 1.2.
Words stream(int steps, int per_class) {
  return {"--base-classes",
          "50",
          "--tasks",
          std::to_string(steps + 1),
          "--order",
          "icarl",
          "--validation",
          "0",
          "--batch-size",
          "128",
          "--lr",
          "0.1",
          "--momentum",
          "0.9",
          "--augmentation",
          "crop",
          "--memory-per-class",
          std::to_string(per_class),
          "--selection",
          "herding-repicked"};
}

Words stepwise(const char* epochs, const char* milestones) {
  return {"--schedule", "steps", "--step-factor", "0.1", "--epochs", epochs, "--milestones", milestones};
}

/// Spec rebalancing 3.
Words balanced_protocol(int steps, int per_class = 20) {
  return joined(stream(steps, per_class), joined(stepwise("250", "0.4,0.6,0.8"), {"--weight-decay", "2e-4"}));
}

/// Spec rebalancing 8: LUCIR's own.
Words lucir_protocol(int steps) {
  return joined(stream(steps, 20), joined(stepwise("160", "0.5,0.75"), {"--weight-decay", "5e-4", "--imprint"}));
}

/// Spec rebalancing 9: that of PODNet's code, which the paper used.
Words podnet_protocol(int steps) {
  return joined(stream(steps, 20), {"--epochs", "160", "--schedule", "cosine", "--lr-lag", "1", "--weight-decay",
                                    "5e-4", "--clamp", "5", "--brightness", "0.24705882", "--as-released"});
}

Preset row_of(const std::string& name, const std::string& what, const char* method, const Words& flags,
              std::vector<PublishedNumber> published) {
  return {name, "Balanced softmax, " + what, joined({"--method", method}, flags), std::move(published)};
}

void add_table_1(std::vector<Preset>& all) {
  struct Row {
    const char *method, *row;
    double five, ten;
    Words (*protocol)(int steps);
  };
  const auto own = [](int steps) { return balanced_protocol(steps); };
  for (const Row& r : {Row{"il-baseline", "IL-Baseline", .4380, .3700, own},
                       Row{"il-baseline-balanced", "IL-Baseline w/ BalancedS-CE", .6222, .5832, own},
                       Row{"il-baseline-meta", "IL-Baseline w/ Meta-BalancedS-CE", .6411, .6008, own},
                       Row{"lucir", "LUCIR", .6337, .6088, lucir_protocol},
                       Row{"lucir-balanced", "LUCIR w/ BalancedS-CE", .6483, .6236, lucir_protocol},
                       Row{"podnet", "PODNet", .6446, .6269, podnet_protocol},
                       Row{"podnet-balanced", "PODNet w/ BalancedS-CE", .6767, .6663, podnet_protocol}})
    for (const int steps : {5, 10})
      all.push_back(row_of(fmt::format("{}-{}-steps", r.method, steps),
                           fmt::format("Table 1: {}, 50 classes + {} steps, 20 per class", r.row, steps), r.method,
                           r.protocol(steps), {{average, steps == 5 ? r.five : r.ten, {}, "Table 1"}}));
}

void add_table_2(std::vector<Preset>& all) {
  struct Row {
    const char* alpha;
    int steps;
    double base, final, average;
  };
  for (const Row& r :
       {Row{"0.5", 5, .5878, .5544, .6380}, Row{"0.25", 5, .6399, .5488, .6409}, Row{"0.1", 5, .6838, .5154, .6268},
        Row{"0.5", 10, .5648, .4962, .5952}, Row{"0.25", 10, .6028, .4786, .5940}, Row{"0.1", 10, .6343, .4471, .5768}})
    all.push_back(row_of(fmt::format("il-baseline-balanced-{}-steps-alpha-{}", r.steps, r.alpha),
                         fmt::format("Table 2: alpha {}, 50 classes + {} steps, 20 per class", r.alpha, r.steps),
                         "il-baseline-balanced", joined(balanced_protocol(r.steps), {"--alpha", r.alpha}),
                         {{average, r.average, {}, "Table 2"},
                          {"final_accuracy_task_agnostic", r.final, {}, "Table 2"},
                          {"final_base_accuracy_task_agnostic", r.base, {}, "Table 2"}}));
}

void add_table_3(std::vector<Preset>& all) {
  struct Row {
    const char *method, *row;
    std::vector<std::pair<int, double>> by_memory;
  };
  for (const Row& r : {Row{"il-baseline", "softmax", {{1, .2483}, {5, .3059}, {10, .3727}, {50, .5299}}},
                       Row{"il-baseline-balanced", "BalancedS-CE", {{1, .5155}, {5, .5693}, {10, .6011}, {50, .6444}}},
                       Row{"il-baseline-meta", "Meta BalancedS-CE", {{5, .6213}, {10, .6302}, {50, .6560}}}})
    for (const auto& [per_class, accuracy] : r.by_memory)
      all.push_back(row_of(fmt::format("{}-5-steps-memory-{}", r.method, per_class),
                           fmt::format("Table 3: {}, 50 classes + 5 steps, {} per class", r.row, per_class), r.method,
                           balanced_protocol(5, per_class), {{average, accuracy, {}, "Table 3"}}));
}

void add_table_4(std::vector<Preset>& all) {
  struct Row {
    const char *name, *row;
    Words slots;
    double accuracy;
  };
  for (const Row& r : {Row{"memory-oversampling", "memory oversampling", {"--sampler", "memory"}, .4975},
                       Row{"class-oversampling", "class oversampling", {"--sampler", "classes"}, .5595},
                       Row{"loss-rescaling", "loss rescaling", {"--prediction", "rescaled"}, .5701},
                       Row{"balanced-finetuning", "balanced finetuning", {"--second-stage", "balanced"}, .5946},
                       Row{"separated-softmax",
                           "separated softmax + oversampling",
                           {"--prediction", "separated", "--sampler", "memory"},
                           .6121}})
    all.push_back(row_of(fmt::format("il-baseline-5-steps-{}", r.name),
                         fmt::format("Table 4: {}, 50 classes + 5 steps, 20 per class", r.row), "il-baseline",
                         joined(balanced_protocol(5), r.slots), {{average, r.accuracy, {}, "Table 4"}}));
}

}  // namespace

std::vector<Preset> balanced_presets() {
  std::vector<Preset> all;
  add_table_1(all);
  add_table_2(all);
  add_table_3(all);
  add_table_4(all);
  return all;
}

}  // namespace mneme
