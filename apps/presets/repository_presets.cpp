#include "apps/presets/repository_presets.h"

#include <fmt/core.h>

#include <array>

#include "apps/presets/half_first.h"
#include "apps/presets/number_keys.h"

namespace mneme {
namespace {

constexpr int base = 50, per_class = 20;

/// The settings of rows that were published on CIFAR-100 with half of the classes in the first task.
std::string phases(int count) { return fmt::format("CIFAR-100, {} phases", count); }
std::string steps_of(int count) { return fmt::format("CIFAR-100, {} steps", count); }

/// Average accuracy and forgetting with 5, 10 and 25 phases, in percent: docs/methods/mnemonics.md#published-numbers.
struct MnemonicsRow {
  const char* row;
  double accuracy[3], forgetting[3];
};
constexpr int mnemonics_phases[] = {5, 10, 25};
constexpr MnemonicsRow mnemonics_rows[] = {
    {"LwF", {52.44, 48.47, 45.75}, {45.02, 42.50, 39.86}},
    {"LwF w/ ours", {54.21, 52.72, 51.59}, {40.00, 36.50, 34.25}},
    {"iCaRL", {58.03, 53.01, 48.47}, {32.87, 32.98, 36.32}},
    {"iCaRL w/ ours", {60.01, 57.37, 54.13}, {25.93, 26.92, 28.92}},
};

TableRow mnemonics_row(const MnemonicsRow& r, size_t column, Fidelity fidelity, const std::string& reason) {
  return {
      "mnemonics",
      "README",
      r.row,
      phases(mnemonics_phases[column]),
      fidelity,
      fmt::format("{} (its forgetting, {:.2f} %, is by a formula that is not recorded)", reason, r.forgetting[column]),
      {{keys::average, r.accuracy[column] / 100}}};
}

/// The released loss: docs/methods/mnemonics.md#released-code.
void add_mnemonics(std::vector<Preset>& all) {
  for (size_t column = 0; column < std::size(mnemonics_phases); ++column) {
    const int count = mnemonics_phases[column];
    const Words flags = joined(joined(half_first(base, count, per_class), lucir_on_cifar()),
                               {"--as-released", "--method", "mnemonics"});
    const TableRow row = mnemonics_row(mnemonics_rows[1], column, Fidelity::assumed,
                                       "the README does not say which of the code's two memories these rows used: 20 "
                                       "images per class here");
    add(all,
        {fmt::format("mnemonics-{}-steps", count), "Mnemonics' README: LwF w/ ours, " + row.setting, flags, {row}});
  }
}

/// Average accuracy over three class orders and its deviation, in percent, with 50 and 25 steps:
/// docs/methods/podnet.md#published-numbers.
struct PodnetRow {
  const char* row;
  double accuracy[2], deviation[2];
};
constexpr int podnet_steps[] = {50, 25};
constexpr PodnetRow podnet_rows[] = {
    {"iCaRL", {44.20, 50.60}, {.98, 1.06}},        {"BiC", {47.09, 48.96}, {1.48, 1.03}},
    {"UCIR (NME)", {48.57, 56.82}, {.37, .19}},    {"UCIR (CNN)", {49.30, 57.57}, {.32, .23}},
    {"PODNet (CNN)", {57.98, 60.72}, {.37, 1.11}}, {"PODNet (NME)", {61.40, 62.02}, {.55, .96}},
};

TableRow podnet_row(const PodnetRow& r, size_t column, Fidelity fidelity, const std::string& reason) {
  PublishedNumber number = {keys::average, r.accuracy[column] / 100};
  number.deviation = r.deviation[column] / 100;
  return {"podnet", "README", r.row, steps_of(podnet_steps[column]), fidelity, reason, {number}};
}

void add_podnet(std::vector<Preset>& all) {
  for (size_t column = 0; column < std::size(podnet_steps); ++column)
    for (const bool nearest_mean : {false, true}) {
      Words flags = joined(
          joined(half_first(base, podnet_steps[column], per_class), podnet_schedule("160", {"--weight-decay", "5e-4"})),
          joined(podnet_jitter(), {"--order", "podnet", "--method", "podnet", "--as-released"}));
      if (nearest_mean) flags = joined(flags, {"--lambda", "5", "--predict-by", "nearest-mean"});
      const TableRow row = podnet_row(
          podnet_rows[nearest_mean ? 5 : 4], column, nearest_mean ? Fidelity::assumed : Fidelity::faithful,
          nearest_mean ? "the option file multiplies features and proxies by 3, and this project does not" : "");
      add(all, {fmt::format("podnet-{}{}-steps", nearest_mean ? "nearest-mean-" : "", podnet_steps[column]),
                fmt::format("PODNet's README: {}, {}, first of its three class orders", row.row, row.setting),
                flags,
                {row}});
    }
}

/// Top-5 accuracy in percent after each tenth of the classes: docs/methods/bic.md#published-numbers.
struct BicRow {
  const char* row;
  // The bias correction changes nothing in the first task, whose number is not printed.
  std::vector<double> hundred, thousand;
};
const BicRow bic_rows[] = {
    {"paper",
     {98.40, 96.20, 94.00, 92.90, 91.10, 89.40, 88.10, 86.50, 85.40, 84.40},
     {94.10, 92.50, 89.60, 89.10, 85.70, 83.20, 80.20, 77.50, 75.00, 73.20}},
    {"repository",
     {98.79, 96.10, 95.06, 93.50, 90.96, 89.73, 89.02, 87.22, 85.97, 84.24},
     {93.72, 91.46, 88.70, 86.63, 84.64, 83.08, 81.37, 79.82, 78.22, 76.76}},
    {"before correction",
     {95.70, 93.06, 90.75, 86.60, 86.06, 83.60, 81.25, 78.28, 76.32},
     {89.64, 84.50, 80.84, 78.07, 74.89, 72.66, 70.38, 67.93, 63.34}},
};

}  // namespace

std::vector<Preset> repository_presets() {
  std::vector<Preset> all;
  add_mnemonics(all);
  add_podnet(all);
  return all;
}

std::vector<TableRow> repository_rows_not_offered() {
  constexpr const char* other_methods[] = {
      "the code trains it with the loss of its cosine network, and without learned "
      "images that is no method of this project",
      "the code predicts by means of learned images, which is no preset yet"};
  std::vector<TableRow> rows;
  for (size_t column = 0; column < std::size(mnemonics_phases); ++column)
    for (const size_t row : {0, 2, 3})
      rows.push_back(
          mnemonics_row(mnemonics_rows[row], column, Fidelity::not_offered, other_methods[row == 3 ? 1 : 0]));
  for (size_t column = 0; column < std::size(podnet_steps); ++column)
    for (size_t row = 0; row < 4; ++row)
      rows.push_back(
          podnet_row(podnet_rows[row], column, Fidelity::not_offered,
                     "PODNet's repository ran a re-implementation of its own, which departs from the method"));
  return rows;
}

std::vector<TableRow> bic_rows_not_offered(const char* data_set) {
  const bool thousand = data_set == std::string("ImageNet");
  std::vector<TableRow> rows;
  for (const BicRow& r : bic_rows) {
    PublishedCurve curve = {keys::steps_top5, thousand ? r.thousand : r.hundred};
    for (double& value : curve.values) value /= 100;
    rows.push_back({"bic",
                    "README",
                    r.row,
                    fmt::format("{}, 10 tasks", data_set),
                    Fidelity::not_offered,
                    "BiC's own schedule on ImageNet is no preset yet",
                    {},
                    {curve}});
  }
  return rows;
}

}  // namespace mneme
