#include "apps/presets/ss_il_presets.h"

#include <fmt/core.h>

#include <cstring>
#include <span>

#include "apps/presets/number_keys.h"

namespace mneme {
namespace {

/// How one method is trained: docs/methods/ss-il.md#training-schedules.
struct Training {
  const char *method, *row;
  const char *epochs, *batch_size, *rate;
  Words more;
  const char* reason;  ///< how this departs from the released run; empty: no departure is known
};

constexpr const char* cannot_run = "the released code cannot run, so this is what it was meant to compute";
constexpr const char* present_readme =
    "which README's command made the table is not said: the present one's, 100 epochs in every task";
constexpr const char* old_readme =
    "which README's command made the table is not said: the first one's, 25 epochs from the second task on";

const Words two_drops = {"--milestones", "0.4,0.8"};
/// FT, and IL2M, which corrects the outputs of FT's network: a quarter of the epochs from the second task on.
const Words quartered = joined(two_drops, {"--later-divisor", "4", "--lr-by-task", "--keep-momentum", "--as-released"});

/// The methods in the order of the tables' rows below. Methods with linear heads keep the optimiser's momentum from one
/// task to the next, and have all of their head from the start (docs/methods/ss-il.md#released-head).
const Training trainings[] = {
    {"icarl-ss-il",
     "iCaRL",
     "60",
     "128",
     "0.1",
     {"--milestones", "0.333333,0.5,0.666667,0.833333", "--lr-gamma", "0.2", "--keep-momentum", "--as-released"},
     ""},
    {"ft-ss-il", "FT", "100", "128", "0.1", quartered, cannot_run},
    {"il2m-ss-il", "IL2M", "100", "128", "0.1", quartered, cannot_run},
    {"eeil-ss-il",
     "EEIL",
     "40",
     "128",
     "0.1",
     {"--milestones", "0.25,0.5,0.75", "--keep-momentum", "--as-released"},
     ""},
    {"bic-ss-il", "BiC", "100", "256", "0.1", {"--milestones", "0.3,0.6,0.9", "--keep-momentum", "--as-released"}, ""},
    {"lucir-ss-il",
     "LUCIR",
     "90",
     "128",
     "0.1",
     {"--milestones", "0.333333,0.666667", "--as-released"},
     "the released code takes the first weights of new classes from test images: from training images here"},
    {"podnet-ss-il", "PODNet", "90", "64", "0.05", {"--schedule", "cosine"}, ""},
    {"ss-il", "SS-IL", "100", "128", "0.1",
     joined(two_drops, {"--replay-batch", "32", "--lr-by-task", "--keep-momentum", "--as-released"}), present_readme},
};
/// The repository's first README gives a command for SS-IL without --factor. Its default shortens every task but the
/// first to a quarter. The present README adds --factor 1. Neither says which command made the table.
const Words first_readme = {"--later-divisor", "4"};
constexpr size_t methods = std::size(trainings);

/// The flags that all methods share on all images: docs/methods/ss-il.md#training-schedules and
/// docs/methods/ss-il.md#memory.
Words protocol(const Training& training, int tasks, int memory) {
  return joined({"--method",       training.method,
                 "--tasks",        std::to_string(tasks),
                 "--order",        "ssil",
                 "--validation",   "0",
                 "--memory-total", std::to_string(memory),
                 "--memory-fill",  "--selection",
                 "first",          "--drop-last",
                 "--schedule",     "steps",
                 "--lr-gamma",     "0.1",
                 "--momentum",     "0.9",
                 "--weight-decay", "1e-4",
                 "--epochs",       training.epochs,
                 "--batch-size",   training.batch_size,
                 "--lr",           training.rate},
                training.more);
}

/// One column of the tables.
struct Column {
  int tasks, memory;
};

/// Average top-1 and top-5 accuracy in percent, one row for each training, in the order of the printed columns; 0: not
/// printed.
struct Table {
  const char *name, *what;
  Column columns[5];
  double top1[methods][5], top5[methods][5];
};

constexpr Table imagenet = {"",
                            "ImageNet",
                            {{10, 5000}, {10, 10000}, {10, 20000}, {20, 10000}, {5, 10000}},
                            {{47.0, 50.5, 53.1, 44.8, 56.2},
                             {38.1, 45.8, 53.5, 44.5, 46.9},
                             {41.9, 48.4, 55.3, 45.6, 52.4},
                             {57.8, 59.4, 60.9, 53.5, 63.8},
                             {51.3, 56.4, 60.5, 48.5, 61.5},
                             {51.0, 53.6, 56.5, 46.8, 61.3},
                             {52.2, 57.5, 60.4, 48.8, 65.5},
                             {63.5, 64.5, 65.2, 58.8, 68.2}},
                            {{71.0, 75.1, 77.4, 69.7, 79.7},
                             {66.7, 73.3, 78.8, 71.3, 73.0},
                             {70.6, 75.3, 79.7, 71.8, 78.7},
                             {81.2, 82.0, 83.0, 77.0, 85.3},
                             {74.4, 78.9, 81.8, 69.4, 84.2},
                             {72.4, 75.6, 78.7, 69.2, 82.7},
                             {73.6, 79.4, 82.1, 71.1, 85.8},
                             {86.0, 86.4, 86.7, 82.9, 88.4}}};

constexpr Table landmarks_1k = {"-1k",
                                "Landmarks, 1000 classes",
                                {{10, 5000}, {10, 10000}, {10, 20000}, {20, 10000}, {5, 10000}},
                                {{37.4, 41.1, 44.0, 38.1, 45.1},
                                 {41.9, 48.9, 55.8, 45.0, 53.6},
                                 {42.4, 49.2, 55.9, 45.2, 54.2},
                                 {52.1, 55.5, 58.2, 50.5, 59.1},
                                 {49.9, 54.5, 58.4, 45.8, 61.1},
                                 {50.5, 53.7, 57.3, 48.5, 61.0},
                                 {},
                                 {57.7, 59.0, 59.9, 51.4, 64.3}},
                                {{56.9, 62.0, 65.2, 58.6, 65.7},
                                 {62.1, 68.5, 74.0, 64.6, 72.5},
                                 {62.4, 68.5, 73.9, 64.4, 73.1},
                                 {72.6, 74.9, 76.7, 70.3, 77.7},
                                 {69.2, 73.1, 76.1, 63.8, 79.3},
                                 {68.7, 72.2, 75.3, 67.7, 78.0},
                                 {},
                                 {78.1, 78.8, 79.3, 73.3, 81.8}}};

constexpr Table landmarks_10k = {"-10k",
                                 "Landmarks, 10,000 classes",
                                 {{10, 20000}, {10, 40000}, {10, 60000}, {20, 40000}, {5, 40000}},
                                 {{23.1, 27.2, 29.2, 23.8, 31.2},
                                  {33.6, 40.3, 44.5, 38.3, 43.1},
                                  {34.2, 40.7, 44.8, 38.4, 44.0},
                                  {43.5, 46.1, 48.0, 41.5, 49.8},
                                  {38.7, 43.7, 46.5, 36.3, 50.8},
                                  {46.2, 49.1, 50.9, 44.2, 53.9},
                                  {},
                                  {50.1, 51.4, 51.9, 43.0, 55.8}},
                                 {{35.6, 41.9, 44.8, 37.8, 46.8},
                                  {49.4, 56.7, 60.6, 54.6, 58.9},
                                  {49.7, 56.7, 60.6, 54.3, 59.8},
                                  {60.4, 62.6, 64.1, 57.8, 66.0},
                                  {55.5, 60.7, 63.3, 52.4, 67.6},
                                  {62.2, 65.2, 66.7, 60.7, 69.3},
                                  {},
                                  {67.8, 68.6, 69.1, 61.8, 72.4}}};

const Words large_images = {"--network", "resnet18", "--augmentation", "resized-crop"};

TableRow row_of(const Table& table, size_t method, size_t column) {
  const auto& [tasks, memory] = table.columns[column];
  TableRow row = {"ss-il", "1", trainings[method].row,
                  fmt::format("{}, {} tasks, {} exemplars", table.what, tasks, memory)};
  row.reason = trainings[method].reason;
  if (std::string(table.name) == "-10k")
    row.reason +=
        std::string(row.reason.empty() ? "" : "; ") + "how 10,000 classes make tasks is not given: ten times 1000";
  if (!row.reason.empty()) row.fidelity = Fidelity::assumed;
  row.numbers = {{keys::average, table.top1[method][column] / 100},
                 {keys::top5_average, table.top5[method][column] / 100}};
  return row;
}

Preset preset_of(const Table& table, size_t method, size_t column, const Words& data) {
  const auto& [tasks, memory] = table.columns[column];
  const TableRow row = row_of(table, method, column);
  return {fmt::format("{}{}-{}-tasks-memory-{}", trainings[method].method, table.name, tasks, memory),
          fmt::format("SS-IL, repository table: {}, {}", row.row, row.setting),
          joined(data, joined(protocol(trainings[method], tasks, memory), large_images)),
          {row}};
}

/// The same run by the command of the first README.
Preset by_first_readme(Preset preset) {
  preset.name += "-first-readme";
  preset.summary += ", by the first README's command";
  preset.flags = joined(preset.flags, first_readme);
  for (TableRow& row : preset.rows)
    row.reason.replace(row.reason.find(present_readme), std::strlen(present_readme), old_readme);
  return preset;
}

void add_rows(std::vector<Preset>& all, const Table& table, const Words& data) {
  for (size_t method = 0; method < methods; ++method)
    for (size_t column = 0; column < std::size(table.columns); ++column) {
      if (table.top1[method][column] == 0) continue;
      const Preset preset = preset_of(table, method, column, data);
      add(all, preset);
      if (method == methods - 1) add(all, by_first_readme(preset));
    }
}

}  // namespace

std::vector<Preset> ss_il_imagenet_presets() {
  std::vector<Preset> all;
  add_rows(all, imagenet, {});
  return all;
}

std::vector<Preset> ss_il_landmarks_presets(const Words& for_1k, const Words& for_10k) {
  std::vector<Preset> all;
  add_rows(all, landmarks_1k, for_1k);
  add_rows(all, landmarks_10k, for_10k);
  return all;
}

std::vector<Preset> ss_il_cifar100_presets() {
  std::vector<Preset> all;
  for (const Training& training : trainings)
    all.push_back({fmt::format("{}-10-tasks", training.method),
                   fmt::format("SS-IL's protocol on CIFAR-100, which is not published: {}, 10 tasks, 2000 exemplars",
                               training.row),
                   joined(protocol(training, 10, 2000), {"--augmentation", "crop"})});
  return all;
}

}  // namespace mneme
