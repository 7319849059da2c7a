#include "apps/presets/rethinking_presets.h"

#include <fmt/core.h>

#include <span>

namespace mneme {
namespace {

/// FACIL's driver defaults, which the runs of "Rethinking softmax" used: docs/methods/facil-survey.md#driver-defaults.
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
          "--clip-norm",    "10000",
          "--momentum",     "0",
          "--weight-decay", "0",
          "--augmentation", "resized-crop"};
}

/// Mean task-aware accuracy and forgetting over all entries of the triangle, without exemplars.
struct Row {
  const char* variant;
  double accuracy, forgetting;
};

struct Table {
  const char* family;
  int tasks;
  const char* source;
  Row rows[6];
};

constexpr Table cifar100_tables[] = {
    {"lwf",
     5,
     "Table A.2",
     {{"", .654, .114},
      {"-br", .679, .073},
      {"-br2", .649, .113},
      {"-bsr", .700, .031},
      {"-s", .689, .075},
      {"-sr", .681, .044}}},
    {"lwf",
     10,
     "10-task figure",
     {{"", .613, .197},
      {"-br", .697, .072},
      {"-br2", .662, .153},
      {"-bsr", .731, .032},
      {"-s", .705, .067},
      {"-sr", .720, .044}}},
    {"lwf",
     15,
     "Table A.2",
     {{"", .568, .287},
      {"-br", .734, .084},
      {"-br2", .664, .165},
      {"-bsr", .763, .040},
      {"-s", .747, .071},
      {"-sr", .753, .065}}},
    {"lwf",
     20,
     "Table A.2",
     {{"", .524, .344},
      {"-br", .768, .080},
      {"-br2", .714, .137},
      {"-bsr", .775, .047},
      {"-s", .765, .073},
      {"-sr", .771, .064}}},
    {"lwm",
     5,
     "Table A.2",
     {{"", .655, .109},
      {"-br", .679, .073},
      {"-br2", .649, .113},
      {"-bsr", .694, .035},
      {"-s", .689, .075},
      {"-sr", .681, .044}}},
    {"lwm",
     15,
     "Table A.2",
     {{"", .566, .284},
      {"-br", .733, .087},
      {"-br2", .664, .166},
      {"-bsr", .769, .035},
      {"-s", .747, .070},
      {"-sr", .752, .061}}},
    {"lwm",
     20,
     "Table A.2",
     {{"", .539, .335},
      {"-br", .765, .084},
      {"-br2", .719, .133},
      {"-bsr", .775, .046},
      {"-s", .766, .074},
      {"-sr", .767, .075}}},
};

constexpr Table svhn_tables[] = {
    {"lwf",
     5,
     "Table A.2",
     {{"", .701, .005},
      {"-br", .704, .002},
      {"-br2", .700, .003},
      {"-bsr", .705, .002},
      {"-s", .699, .005},
      {"-sr", .721, .002}}},
    {"lwm",
     5,
     "Table A.2",
     {{"", .695, .005},
      {"-br", .695, .004},
      {"-br2", .717, .009},
      {"-bsr", .703, .000},
      {"-s", .701, .001},
      {"-sr", .702, .003}}},
};

constexpr Table imagenet32_tables[] = {
    {"lwf",
     5,
     "Table A.2",
     {{"", .380, .078},
      {"-br", .396, .053},
      {"-br2", .375, .074},
      {"-bsr", .413, .025},
      {"-s", .401, .044},
      {"-sr", .410, .029}}},
    {"lwm",
     5,
     "Table A.2",
     {{"", .380, .078},
      {"-br", .396, .053},
      {"-br2", .375, .074},
      {"-bsr", .413, .025},
      {"-s", .401, .044},
      {"-sr", .408, .033}}},
};

constexpr Table imagenet100_tables[] = {
    {"lwf",
     5,
     "Table A.2",
     {{"", .810, .060},
      {"-br", .830, .031},
      {"-br2", .806, .052},
      {"-bsr", .834, .024},
      {"-s", .832, .028},
      {"-sr", .831, .019}}},
    {"lwf",
     10,
     "Table A.2",
     {{"", .765, .073},
      {"-br", .808, .022},
      {"-br2", .792, .060},
      {"-bsr", .807, .013},
      {"-s", .799, .022},
      {"-sr", .800, .015}}},
    {"lwm",
     5,
     "Table A.2",
     {{"", .810, .060},
      {"-br", .830, .031},
      {"-br2", .806, .052},
      {"-bsr", .833, .014},
      {"-s", .833, .028},
      {"-sr", .831, .019}}},
    {"lwm",
     10,
     "Table A.2",
     {{"", .760, .078},
      {"-br", .808, .022},
      {"-br2", .789, .062},
      {"-bsr", .804, .008},
      {"-s", .799, .022},
      {"-sr", .800, .015}}},
};

/// The published LwM has FACIL's attention, which does not train.
Preset preset_of(const Table& table, const Row& row, const char* data_set) {
  const std::string method = std::string(table.family) + row.variant;
  Words flags = joined({"--method", method}, facil_driver(table.tasks));
  if (std::string(table.family) == "lwm") flags.push_back("--as-released");
  return {fmt::format("rethinking-{}-{}-tasks", method, table.tasks),
          fmt::format("Rethinking softmax, {}: {}, {} in {} tasks, no exemplars", table.source, method, data_set,
                      table.tasks),
          flags,
          {{"mean_over_all_entries_task_aware", row.accuracy, {}, table.source},
           {"mean_clipped_forgetting_over_all_entries_task_aware", row.forgetting, {}, table.source}}};
}

std::vector<Preset> presets_of(std::span<const Table> tables, const char* data_set, int driver_tasks) {
  std::vector<Preset> presets = {
      {"facil-driver",
       fmt::format("FACIL's driver defaults in {} tasks, for any --method: 200 epochs by the patience schedule, plain "
                   "SGD, batches of 64, order and seed 0",
                   driver_tasks),
       facil_driver(driver_tasks),
       {}}};
  for (const Table& table : tables)
    for (const Row& row : table.rows) presets.push_back(preset_of(table, row, data_set));
  return presets;
}

}  // namespace

std::vector<Preset> rethinking_cifar100_presets() {
  std::vector<Preset> presets = presets_of(cifar100_tables, "CIFAR-100", 10);
  presets.insert(
      presets.begin() + 1,
      {"facil-survey",
       "FACIL's survey in 10 tasks, for any --method: rate and --lambda by grid search before every task",
       joined(facil_driver(10), {"--order", "icarl", "--batch-size", "128", "--lr-patience", "10", "--momentum", "0.9",
                                 "--weight-decay", "2e-4", "--grid-search-tasks", "10"}),
       {}});
  return presets;
}

std::vector<Preset> rethinking_imagenet32_presets() { return presets_of(imagenet32_tables, "ImageNet-32", 5); }

/// The paper does not say which network it used; ResNet-18 is usual for such images.
std::vector<Preset> rethinking_imagenet100_presets() {
  std::vector<Preset> presets = presets_of(imagenet100_tables, "ImageNet-100", 10);
  for (Preset& preset : presets) preset.flags = joined(preset.flags, {"--network", "resnet18"});
  return presets;
}

/// The paper's transforms for SVHN are not known; these are its CIFAR-100's, mirrors included.
std::vector<Preset> rethinking_svhn_presets() {
  std::vector<Preset> presets = presets_of(svhn_tables, "SVHN", 5);
  for (Preset& preset : presets) preset.flags.push_back("--flip");
  return presets;
}

}  // namespace mneme
