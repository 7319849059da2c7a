#include "apps/presets/balanced_presets.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "apps/presets/half_first.h"
#include "apps/presets/number_keys.h"

namespace mneme {
namespace {

constexpr const char* work = "balanced-softmax";

/// One of the image sets of the paper. Schedules: docs/methods/balanced-softmax.md#schedule,
/// docs/methods/lucir.md#schedule and docs/methods/podnet.md#schedule.
struct ImageSet {
  const char* name;         ///< the heading of its columns in Table 1
  int base;                 ///< number of classes of the first task
  size_t column;            ///< reads accuracies of Table 1 as pairs: after 5 steps, after 10 steps
  Words own;                ///< the paper's training schedule
  Words lucir;              ///< LUCIR's training schedule without its other flags
  Words podnet;             ///< the schedule of PODNet's code, which the paper used
  Words lucir_method = {};  ///< LUCIR's flags beside its schedule
  Words lucir_weight = {};  ///< the flags of LUCIR's less-forget loss
  Words lucir_stage = {};   ///< the flags of LUCIR's second stage, which "LUCIR w/ BalancedS-CE" leaves out
  Words podnet_code = {};  ///< the flags of NCA and of PODNet's second stage, which "PODNet w/ BalancedS-CE" leaves out
  Words data = {};         ///< the flags that choose the images in a program that knows several sets
  Words meta = {};         ///< the flags that say how alpha is learned
};

/// Adam with the rate of the released learner of Balanced Meta-Softmax, which the paper cites: 0.01 on CIFAR and 0.001
/// on sets of ImageNet's size.
Words learned_by_adam(const char* rate) { return {"--alpha-optimizer", "adam", "--alpha-lr", rate}; }

const ImageSet cifar100 = {"CIFAR-100",
                           50,
                           0,
                           stepwise("250", "0.4,0.6,0.8", "2e-4"),
                           lucir_on_cifar(),
                           podnet_schedule("160", {"--weight-decay", "5e-4"}),
                           {"--imprint", "--lambda", "5"},
                           {"--lambda", "5"},
                           {},
                           {"--as-released"},
                           {},
                           learned_by_adam("0.01")};

const Words resnet18 = {"--network", "resnet18", "--augmentation", "resized-crop"};

ImageSet of_imagenet(const char* name, int base, size_t column, const Words& lucir_stage, const char* podnet_decay,
                     const Words& data) {
  return {name,
          base,
          column,
          joined(resnet18, stepwise("100", "0.3,0.6,0.8,0.9", "1e-4")),
          joined(resnet18, stepwise("90", "0.333333,0.666667", "1e-4")),
          joined(resnet18, podnet_schedule("90", {"--batch-size", "64", "--lr", "0.05", "--lambda", "8",
                                                  "--flat-weight", "10", "--weight-decay", podnet_decay})),
          {"--imprint", "--lambda", "10"},
          {"--lambda", "10"},
          lucir_stage,
          {"--as-released", "--balanced-lr", "0.01"},
          data,
          learned_by_adam("0.001")};
}

std::string setting_of(const ImageSet& set, int steps) { return fmt::format("{}, {} steps", set.name, steps); }

/// A preset with one row of a table. add() joins presets of the same name.
Preset preset_of(const std::string& name, const char* method, const Words& flags, TableRow row) {
  const std::string summary = fmt::format("Balanced softmax: {}, {}", row.row, row.setting);
  return {name, summary, joined({"--method", method}, flags), {std::move(row)}};
}

/// The paper's own runs on CIFAR-100. The paper prints all of these settings but the momentum of 0.9.
Words own_protocol(int steps, int per_class = 20) {
  return joined(half_first(cifar100.base, steps, per_class), cifar100.own);
}

/// The flags that a method of the paper needs besides those of the common protocol.
Words own_words(const std::string& method) { return method == "il-baseline-meta" ? cifar100.meta : Words(); }

struct Table1Row {
  const char *name, *method, *row;
  double accuracy[6];  // CIFAR-100, SubImageNet, ImageNet: 5 and 10 steps each
  Words ImageSet::*schedule;
  Words ImageSet::*method_words = nullptr;
  Words ImageSet::*stage_words = nullptr;
  Words more = {};
  Fidelity fidelity = Fidelity::faithful;
  const char* reason = "";
};

/// iCaRL's loss here is a sum over classes and a mean over the batch; iCaRL's code takes the mean over its 100 outputs
/// as well, at a rate of 2.0. So its step is 0.02 in terms of our loss, and LUCIR's rate of 0.1 is five times that.
constexpr const char* quoted_icarl =
    "quoted from LUCIR's re-implementation, whose loss and rate are not recorded: LUCIR's schedule here, whose 0.1 is "
    "five times iCaRL's own step of 2.0 / 100 outputs";
constexpr const char* unreleased_mnemonics =
    "the authors did not release this code and say that it has a defect: mnemonics with LUCIR's less-forget in place "
    "of its own distillation, without a weight that grows and without margin ranking";
constexpr const char* learned_alpha =
    "the paper gives neither optimiser, step, batch nor bounds of alpha: Adam at 0.01 (0.001 on ImageNet's sets), as "
    "in "
    "the released code of Balanced Meta-Softmax, which the paper cites";
constexpr const char* jittered =
    "the paper says that there is no further augmentation, and PODNet's code, which it used, changes the brightness: "
    "with that change";
constexpr const char* unjittered =
    "the paper says that there is no further augmentation, and PODNet's code, which it used, changes the brightness: "
    "without that change";

const std::vector<Table1Row>& table_1() {
  constexpr auto assumed = Fidelity::assumed;
  const auto lucir = &ImageSet::lucir, own = &ImageSet::own, podnet = &ImageSet::podnet;
  static const std::vector<Table1Row> rows = {
      {.name = "icarl",
       .method = "icarl",
       .row = "iCaRL",
       .accuracy = {.5717, .5257, .6504, .5953, .5136, .4672},
       .schedule = lucir,
       .fidelity = assumed,
       .reason = quoted_icarl},
      {.name = "bic",
       .method = "bic",
       .row = "BiC",
       .accuracy = {.5936, .5420, .7007, .6496, .6265, .5872},
       .schedule = own,
       .fidelity = assumed,
       .reason = "quoted from Mnemonics, whose schedule for it is not recorded: IL-Baseline's, which comes from BiC"},
      {.name = "lucir",
       .method = "lucir",
       .row = "LUCIR",
       .accuracy = {.6342, .6018, .7047, .6809, .6434, .6128},
       .schedule = lucir,
       .method_words = &ImageSet::lucir_method,
       .stage_words = &ImageSet::lucir_stage,
       .fidelity = assumed,
       .reason = "quoted from LUCIR; how many runs and orders it means over is not recorded"},
      {.name = "lucir-mnemonics",
       .method = "mnemonics",
       .row = "LUCIR w/ Mnemonics",
       .accuracy = {.6334, .6228, .7258, .7137, .6454, .6301},
       .schedule = lucir,
       .method_words = &ImageSet::lucir_weight,
       .more = {"--distill", "less-forget", "--augmentation", "crop"},
       .fidelity = assumed,
       .reason = unreleased_mnemonics},
      {.name = "podnet",
       .method = "podnet",
       .row = "PODNet",
       .accuracy = {.6483, .6319, .7554, .7433, .6695, .6413},
       .schedule = podnet,
       .stage_words = &ImageSet::podnet_code,
       .more = podnet_jitter(),
       .fidelity = assumed,
       .reason = "quoted from PODNet, which means over three other class orders (--order podnet is the first)"},
      {.name = "tpcil",
       .method = "tpcil",
       .row = "TPCIL",
       .accuracy = {.6534, .6358, .7627, .7481, .6489, .6288},
       .schedule = lucir,
       .more = {"--selection", "neural-gas"},
       .fidelity = assumed,
       .reason = "no code is public: the weight and size of its graph are assumed, and the schedule is LUCIR's"},
      {.name = "il-baseline",
       .method = "il-baseline",
       .row = "IL-Baseline*",
       .accuracy = {.4380, .3700, .5152, .4222, .4323, .3670},
       .schedule = own},
      {.name = "il-baseline-balanced",
       .method = "il-baseline-balanced",
       .row = "IL-Baseline w/ BalancedS-CE",
       .accuracy = {.6222, .5832, .7257, .6825, .6645, .6214},
       .schedule = own},
      {.name = "il-baseline-meta",
       .method = "il-baseline-meta",
       .row = "IL-Baseline w/ Meta-BalancedS-CE",
       .accuracy = {.6411, .6008, .7288, .6926, .6615, .6159},
       .schedule = own,
       .method_words = &ImageSet::meta,
       .fidelity = assumed,
       .reason = learned_alpha},
      {.name = "lucir",
       .method = "lucir",
       .row = "LUCIR*",
       .accuracy = {.6337, .6088, .7025, .6784, .6669, .6406},
       .schedule = lucir,
       .method_words = &ImageSet::lucir_method,
       .stage_words = &ImageSet::lucir_stage},
      {.name = "lucir-balanced",
       .method = "lucir-balanced",
       .row = "LUCIR w/ BalancedS-CE",
       .accuracy = {.6483, .6236, .7118, .7066, .6781, .6647},
       .schedule = lucir,
       .method_words = &ImageSet::lucir_method},
  };
  return rows;
}

/// The two rows of PODNet itself, each with and without the change of brightness.
std::vector<Table1Row> podnet_rows() {
  std::vector<Table1Row> rows;
  for (const bool jitters : {true, false})
    for (const bool balanced : {false, true}) {
      Table1Row row = {.name = "",
                       .method = balanced ? "podnet-balanced" : "podnet",
                       .row = balanced ? "PODNet w/ BalancedS-CE" : "PODNet*",
                       .accuracy = {.6446, .6269, .7497, .7157, .6520, .6287},
                       .schedule = &ImageSet::podnet,
                       .stage_words = balanced ? nullptr : &ImageSet::podnet_code,
                       .more = jitters ? podnet_jitter() : Words(),
                       .fidelity = Fidelity::assumed,
                       .reason = jitters ? jittered : unjittered};
      if (balanced) std::ranges::copy(std::array{.6767, .6663, .7608, .7493, .6967, .6865}, row.accuracy);
      row.name = jitters ? row.method : balanced ? "podnet-balanced-no-jitter" : "podnet-no-jitter";
      rows.push_back(row);
    }
  return rows;
}

void add_row(std::vector<Preset>& all, const ImageSet& set, const Table1Row& r, int steps) {
  const double accuracy = r.accuracy[set.column + (steps == 5 ? 0 : 1)];
  Words flags = joined(joined(half_first(set.base, steps, 20), set.data), set.*r.schedule);
  for (const auto words : {r.method_words, r.stage_words})
    if (words) flags = joined(flags, set.*words);
  add(all, preset_of(fmt::format("{}-{}-steps", r.name, steps), r.method, joined(flags, r.more),
                     {work, "1", r.row, setting_of(set, steps), r.fidelity, r.reason, {{keys::average, accuracy}}}));
}

void add_table_1(std::vector<Preset>& all, const ImageSet& set) {
  for (const auto& rows : {table_1(), podnet_rows()})
    for (const Table1Row& r : rows)
      for (const int steps : {5, 10}) add_row(all, set, r, steps);
}

void add_table_2(std::vector<Preset>& all) {
  struct Row {
    const char* alpha;  // null: the run learns alpha
    int steps;
    double base, final, average;
  };
  for (const Row& r :
       {Row{"0.1", 5, .6838, .5154, .6268}, Row{"0.25", 5, .6399, .5488, .6409}, Row{"0.5", 5, .5878, .5544, .6380},
        Row{"1.0", 5, .5208, .5455, .6222}, Row{nullptr, 5, .6120, .5521, .6411}, Row{"0.1", 10, .6343, .4471, .5768},
        Row{"0.25", 10, .6028, .4786, .5940}, Row{"0.5", 10, .5648, .4962, .5952}, Row{"1.0", 10, .5101, .4957, .5832},
        Row{nullptr, 10, .6039, .4965, .6008}}) {
    const std::string alpha = r.alpha ? r.alpha : "";
    const bool fixed = !alpha.empty() && alpha != "1.0";  // with alpha 1 this is plain balanced softmax
    const char* method = r.alpha ? "il-baseline-balanced" : "il-baseline-meta";
    TableRow row = {work, "2", r.alpha ? "alpha = " + alpha : "Meta BalancedS-CE", setting_of(cifar100, r.steps)};
    row.numbers = {{keys::average, r.average}, {keys::final_agnostic, r.final}, {keys::final_base, r.base}};
    if (!r.alpha) row.fidelity = Fidelity::assumed, row.reason = learned_alpha;
    add(all, preset_of(fmt::format("{}-{}-steps{}", method, r.steps, fixed ? "-alpha-" + alpha : ""), method,
                       joined(own_protocol(r.steps), fixed ? Words{"--alpha", alpha} : own_words(method)), row));
  }
}

void add_table_3(std::vector<Preset>& all) {
  struct Row {
    const char *method, *row;
    std::vector<std::pair<int, double>> by_memory;
  };
  for (const Row& r :
       {Row{"il-baseline", "Softmax CE", {{1, .2483}, {5, .3059}, {10, .3727}, {20, .4380}, {50, .5299}}},
        Row{"il-baseline-balanced", "BalancedS-CE", {{1, .5155}, {5, .5693}, {10, .6011}, {20, .6222}, {50, .6444}}},
        Row{"il-baseline-meta", "Meta BalancedS-CE", {{5, .6213}, {10, .6302}, {20, .6411}, {50, .6560}}}})
    for (const auto& [per_class, accuracy] : r.by_memory) {
      const bool meta = r.method == std::string("il-baseline-meta");
      const std::string memory = per_class == 20 ? "" : fmt::format("-memory-{}", per_class);
      add(all, preset_of(fmt::format("{}-5-steps{}", r.method, memory), r.method,
                         joined(own_protocol(5, per_class), own_words(r.method)),
                         {work,
                          "3",
                          r.row,
                          fmt::format("CIFAR-100, 5 steps, {} per class", per_class),
                          meta ? Fidelity::assumed : Fidelity::faithful,
                          meta ? learned_alpha : "",
                          {{keys::average, accuracy}}}));
    }
}

void add_table_4(std::vector<Preset>& all) {
  struct Row {
    const char *name, *method, *row;
    Words slots;
    double accuracy;
    const char* reason;  // empty if the row is faithful
  };
  constexpr const char* epoch = "the paper does not give the length of an epoch: as many draws as there are images";
  constexpr const char* weights = "the paper does not give how the weights are scaled: their mean over the images is 1";
  constexpr const char* second = "the paper does not describe the second stage: LUCIR's, 20 epochs of class weights";
  for (const Row& r :
       {Row{"", "il-baseline", "IL-Baseline", {}, .4380, ""},
        Row{"-memory-oversampling", "il-baseline", "+ memory oversampling", {"--sampler", "memory"}, .4975, epoch},
        Row{"-class-oversampling", "il-baseline", "+ class oversampling", {"--sampler", "classes"}, .5595, epoch},
        Row{"-loss-rescaling", "il-baseline", "+ loss rescaling", {"--prediction", "rescaled"}, .5701, weights},
        Row{"-balanced-finetuning",
            "il-baseline",
            "+ balanced finetuning",
            {"--second-stage", "balanced"},
            .5946,
            second},
        Row{"-separated-softmax",
            "il-baseline",
            "+ separated softmax + oversampling",
            {"--prediction", "separated", "--sampler", "memory"},
            .6121,
            epoch},
        Row{"", "il-baseline-balanced", "+ BalancedS-CE", {}, .6222, ""},
        Row{"", "il-baseline-meta", "+ Meta BalancedS-CE", {}, .6411, learned_alpha}}) {
    const Fidelity fidelity = *r.reason ? Fidelity::assumed : Fidelity::faithful;
    add(all, preset_of(fmt::format("{}-5-steps{}", r.method, r.name), r.method,
                       joined(joined(own_protocol(5), own_words(r.method)), r.slots),
                       {work, "4", r.row, setting_of(cifar100, 5), fidelity, r.reason, {{keys::average, r.accuracy}}}));
  }
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

std::vector<Preset> balanced_imagenet100_presets(const Words& data) {
  std::vector<Preset> all;
  add_table_1(all, of_imagenet("SubImageNet", 50, 2, {}, "5e-4", data));
  return all;
}

/// On all classes of ImageNet, and only there, LUCIR's code finetunes on class-balanced exemplars.
std::vector<Preset> balanced_imagenet_presets() {
  std::vector<Preset> all;
  add_table_1(all, of_imagenet("ImageNet", 500, 4, {"--balanced-epochs", "20"}, "1e-4", {}));
  return all;
}

}  // namespace mneme
