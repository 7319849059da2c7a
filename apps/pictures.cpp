// Class-incremental learning on images of your own.
//
//   pictures --data FOLDER                   train/CLASS and val/CLASS, or one folder per class
//   pictures predict runs/mine cat.jpg       what the trained model sees in an image

#include "data/datasets/image_files/pictures.h"
#include "apps/common/benchmark.h"
#include "apps/pictures/suggest.h"

namespace {

using namespace mneme;

constexpr const char* examples = R"(Examples:
  pictures --data flowers --method lwf --out runs/flowers
      flowers/train/CLASS and flowers/val/CLASS, or flowers/CLASS, of which a fifth is set aside for testing
  pictures predict runs/flowers rose.jpg
      the five likeliest classes
What is not given is chosen from the images and told with the reason: image size and network from their size; tasks,
batch size and epochs from their number.)";

PicturesOptions options_of(const ImageFlags& flags) { return {flags.test_share, flags.split_seed, any_number_bad}; }

ImageFileSplit list(const std::filesystem::path& folder, const ImageFlags& flags) {
  return find_pictures(folder, options_of(flags));
}

/// The name of a user's set: "flowers (8 classes)".
std::string title(const std::filesystem::path& data, const std::vector<std::string>& classes) {
  std::filesystem::path whole = std::filesystem::absolute(data).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  const std::string name = (std::filesystem::is_directory(whole) ? whole.filename() : whole.stem()).string();
  return fmt::format("{} ({} classes)", name, classes.size());
}

std::vector<Suggestion> suggest(const std::filesystem::path& data, const ImageFlags& flags) {
  // No folder: it is a pack, or loading it will fail with a message.
  if (!std::filesystem::is_directory(data)) return {};
  return suggestions_for(look_at(list(data, flags)));
}

Flags defaults() {
  Flags flags = large_defaults();
  flags.images.subset = "all";
  flags.experiment.scenario.order = "identity";
  return flags;
}

}  // namespace

int main(int argc, char** argv) {
  LargeImageSet set = imagenet_files("all: every class there is");
  set.list = list;
  set.chosen = all_classes;
  set.title = title;
  set.splits = true;
  return run_benchmark({.name = "pictures",
                        .data_set = "your own images",
                        .examples = examples,
                        .presets = no_presets,
                        .defaults = defaults(),
                        .large = set,
                        .suggest = suggest},
                       {argv, argv + argc});
}
