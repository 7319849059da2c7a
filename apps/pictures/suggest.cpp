#include "apps/pictures/suggest.h"

#include <algorithm>
#include <bit>

#include "data/files/file_bytes.h"
#include "data/images/image_header.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr size_t most_looked_at = 200;

/// A row of the table: the network and the image size for images with a short side of fewer pixels than this.
struct Fit {
  int below, size;
  const char* network;
};
constexpr Fit fits[] = {{48, 32, "resnet32"}, {128, 64, "resnet32"}, {1 << 30, 224, "resnet18"}};

/// A row of the table: the number of tasks for fewer classes than this.
constexpr std::pair<int, int> tasks_below[] = {{4, 1}, {10, 2}, {50, 5}, {1 << 30, 10}};

constexpr int64_t steps_per_task = 2000, least_epochs = 10, most_epochs = 100, least_batch = 8, most_batch = 128;

int tasks_for(int classes) {
  return std::ranges::find_if(tasks_below, [&](const auto& row) { return classes < row.first; })->second;
}

}  // namespace

PicturesSeen look_at(const ImageFileSplit& images) {
  const ImageFileList& list = images.train;
  PicturesSeen seen{static_cast<int>(list.class_names.size()), static_cast<int64_t>(list.labels.size()), 0};
  std::vector<int> sides;
  const size_t count = std::min(most_looked_at, list.labels.size());
  for (size_t k = 0; k < count; ++k) {
    const std::filesystem::path file = list.path(k * list.labels.size() / count);
    try {
      const std::string bytes = read_file(file);
      const ImageHeader header = read_image_header(bytes, file.string());
      sides.push_back(std::min(header.height, header.width));
    } catch (const Error&) {
      continue;  // unreadable: the check of all images reports it
    }
  }
  if (sides.empty()) return seen;
  const auto middle = sides.begin() + static_cast<std::ptrdiff_t>(sides.size() / 2);
  std::ranges::nth_element(sides, middle);
  seen.short_side = *middle;
  return seen;
}

std::vector<Suggestion> suggestions_for(const PicturesSeen& seen) {
  const Fit& fit = *std::ranges::find_if(fits, [&](const Fit& f) { return seen.short_side < f.below; });
  const int tasks = tasks_for(seen.classes);
  const int64_t per_task = std::max<int64_t>(1, seen.train_images / tasks);
  const int64_t batch =
      std::clamp(static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(std::max<int64_t>(1, per_task / 8)))),
                 least_batch, most_batch);
  const int64_t epochs = std::clamp(steps_per_task * batch / per_task, least_epochs, most_epochs);
  const std::string size_reason =
                        fmt::format("half of the images have a short side of {} pixels or more", seen.short_side),
                    count_reason = fmt::format("a task has about {} images to learn from", per_task);
  return {{"--image-size", std::to_string(fit.size), size_reason},
          {"--network", fit.network, size_reason},
          {"--tasks", std::to_string(tasks), fmt::format("there are {} classes", seen.classes)},
          {"--batch-size", std::to_string(batch), count_reason},
          {"--epochs", std::to_string(epochs), count_reason}};
}

}  // namespace mneme
