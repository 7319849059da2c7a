#include "apps/presets/balanced_presets.h"

#include <fmt/core.h>

namespace mneme {
namespace {

constexpr const char* average = "average_incremental_accuracy_task_agnostic";

/// One of the paper's image sets; schedules: docs/methods/balanced-softmax.md#schedule,
/// docs/methods/lucir.md#schedule and docs/methods/podnet.md#schedule.
struct ImageSet {
  int base;                  ///< classes of the first task
  size_t column;             ///< of Row::accuracy, where its five steps stand, with ten steps beside them
  Words own, lucir, podnet;  ///< the schedules of the paper, of LUCIR, and of PODNet's code, which the paper used
  Words lucir_options;       ///< what LUCIR has besides its schedule, in both of its rows
  Words lucir_stage;         ///< what belongs to LUCIR's second stage, which LUCIR w/ BalancedS-CE leaves out
  Words podnet_options;      ///< the same of PODNet
  Words podnet_code;         ///< what concerns NCA and the second stage, which PODNet w/ BalancedS-CE leaves out
};

Words stepwise(const char* epochs, const char* milestones, const char* decay) {
  return {"--schedule",   "steps",    "--lr-gamma",     "0.1", "--epochs", epochs,
          "--milestones", milestones, "--weight-decay", decay};
}

Words podnet(const char* epochs, const Words& more) {
  return joined(
      {"--epochs", epochs, "--schedule", "cosine", "--lr-lag", "1", "--clip-value", "5", "--brightness", "0.24705882"},
      more);
}

const Words gas = {"--selection", "neural-gas"};

const ImageSet cifar100 = {50,
                           0,
                           stepwise("250", "0.4,0.6,0.8", "2e-4"),
                           stepwise("160", "0.5,0.75", "5e-4"),
                           podnet("160", {"--weight-decay", "5e-4"}),
                           {"--imprint"},
                           {},
                           {},
                           {"--as-released"}};

const Words resnet18 = {"--network", "resnet18", "--augmentation", "resized-crop"};

ImageSet of_imagenet(int base, size_t column, const Words& lucir_stage, const char* podnet_decay) {
  return {base,
          column,
          joined(resnet18, stepwise("100", "0.3,0.6,0.8,0.9", "1e-4")),
          joined(resnet18, stepwise("90", "0.333333,0.666667", "1e-4")),
          joined(resnet18, podnet("90", {"--batch-size", "64", "--lr", "0.05", "--weight-decay", podnet_decay})),
          {"--imprint", "--lambda", "10"},
          lucir_stage,
          {"--lambda", "8", "--flat-weight", "10"},
          {"--as-released", "--balanced-lr", "0.01"}};
}

/// What the paper, LUCIR and PODNet share.
Words stream(int base, int steps, int per_class) {
  return {"--base-classes",
          std::to_string(base),
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

/// The paper's own runs on CIFAR-100.
Words balanced_protocol(int steps, int per_class = 20) {
  return joined(stream(cifar100.base, steps, per_class), cifar100.own);
}

Preset row_of(const std::string& name, const std::string& what, const char* method, const Words& flags,
              std::vector<PublishedNumber> published) {
  return {name, "Balanced softmax, " + what, joined({"--method", method}, flags), std::move(published)};
}

void add_table_1(std::vector<Preset>& all, const ImageSet& set) {
  struct Row {
    const char *method, *row;
    double accuracy[6];  // CIFAR-100, SubImageNet, ImageNet: 5 and 10 steps each
    Words training;
  };
  const Words lucir_balanced = joined(set.lucir, set.lucir_options), lucir = joined(lucir_balanced, set.lucir_stage);
  const Words podnet_balanced = joined(set.podnet, set.podnet_options);
  for (const Row& r :
       {Row{"il-baseline", "IL-Baseline", {.4380, .3700, .5152, .4222, .4323, .3670}, set.own},
        Row{"il-baseline-balanced", "IL-Baseline w/ BalancedS-CE", {.6222, .5832, .7257, .6825, .6645, .6214}, set.own},
        Row{"il-baseline-meta",
            "IL-Baseline w/ Meta-BalancedS-CE",
            {.6411, .6008, .7288, .6926, .6615, .6159},
            set.own},
        Row{"lucir", "LUCIR", {.6337, .6088, .7025, .6784, .6669, .6406}, lucir},
        Row{"lucir-balanced", "LUCIR w/ BalancedS-CE", {.6483, .6236, .7118, .7066, .6781, .6647}, lucir_balanced},
        Row{"mnemonics",
            "LUCIR w/ Mnemonics, quoted there",
            {.6334, .6228, .7258, .7137, .6454, .6301},
            joined(set.lucir, {"--augmentation", "crop"})},
        Row{"podnet", "PODNet", {.6446, .6269, .7497, .7157, .6520, .6287}, joined(podnet_balanced, set.podnet_code)},
        Row{"podnet-balanced", "PODNet w/ BalancedS-CE", {.6767, .6663, .7608, .7493, .6967, .6865}, podnet_balanced},
        Row{"tpcil",
            "TPCIL as its authors report it",
            {.6534, .6358, .7627, .7481, .6489, .6288},
            joined(set.lucir, gas)}})
    for (const int steps : {5, 10}) {
      const double published = r.accuracy[set.column + (steps == 5 ? 0 : 1)];
      all.push_back(row_of(fmt::format("{}-{}-steps", r.method, steps),
                           fmt::format("Table 1: {}, {} classes + {} steps, 20 per class", r.row, set.base, steps),
                           r.method, joined(stream(set.base, steps, 20), r.training),
                           {{average, published, {}, "Table 1"}}));
    }
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
  add_table_1(all, cifar100);
  add_table_2(all);
  add_table_3(all);
  add_table_4(all);
  return all;
}

std::vector<Preset> balanced_imagenet100_presets() {
  std::vector<Preset> all;
  add_table_1(all, of_imagenet(50, 2, {}, "5e-4"));
  return all;
}

/// LUCIR finetunes class-balanced on the whole of ImageNet alone.
std::vector<Preset> balanced_imagenet_presets() {
  std::vector<Preset> all;
  add_table_1(all, of_imagenet(500, 4, {"--balanced-epochs", "20"}, "1e-4"));
  return all;
}

}  // namespace mneme
