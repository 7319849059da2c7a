// Class-incremental learning on Google Landmarks v2, as SS-IL chose its classes.
//
//   landmarks --data DIR --subset 1k --method ss-il --memory-total 10000 --tasks 10

#include "data/datasets/image_files/landmarks.h"
#include "apps/common/benchmark.h"
#include "apps/presets/large_presets.h"
#include "data/files/whole_number.h"
#include "engine/base/error.h"

namespace {

using namespace mneme;

constexpr const char* examples = R"(Examples:
  landmarks --data gldv2 --method ss-il --memory-total 10000 --tasks 10 --order ssil
      the thousand landmarks with most pictures, a hundred at a time
  landmarks --data gldv2 --subset 10k --method ss-il --memory-total 40000 --tasks 10 --order ssil
      ten thousand of them
  landmarks --data gldv2 --subset 50:5 --method finetuning --tasks 5
      fifty, of each the first five pictures to test on
--data holds train.csv and the pictures as a/b/c/abc....jpg, as https://github.com/cvdfoundation/google-landmark gives
them out, or lists train.txt and test.txt with 'path label' lines.)";

/// The options that a value of --subset stands for: the name of one of SS-IL's two sets, or "N:M" for N classes with M
/// test images of each.
LandmarkOptions chosen(const std::string& subset) {
  if (subset == "1k") return {.classes = 1000, .test_per_class = 50};
  if (subset == "10k") return {.classes = 10000, .test_per_class = 10};
  const size_t colon = subset.find(':');
  const auto classes = whole_number<int>(subset.substr(0, colon));
  const auto test = colon == subset.npos ? std::nullopt : whole_number<int>(subset.substr(colon + 1));
  if (!classes || !test || *classes < 1 || *test < 1)
    fail_usage("--subset '{}': give 1k, 10k, or CLASSES:TEST, how many classes and how many test pictures of each",
               subset);
  return {.classes = *classes, .test_per_class = *test};
}

ImageFileSplit list(const std::filesystem::path& folder, const ImageFlags& flags) {
  LandmarkOptions options = chosen(flags.subset);
  options.skip_bad = any_number_bad;
  return find_landmarks(folder, options);
}

/// Landmarks are numbered, so that the classes need no names.
int count_chosen(const std::string& subset, const std::vector<std::string>&) { return chosen(subset).classes; }

Flags defaults() {
  Flags flags = large_defaults();
  flags.images.subset = "1k";
  return flags;
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmark(
      {.name = "landmarks",
       .data_set = "Landmarks",
       .examples = examples,
       .presets = landmarks_presets,
       .defaults = defaults(),
       // SS-IL's code leaves pixels in [0, 1] and does not normalise them
       .large =
           LargeImageSet{
               "Which classes: 1k, 10k (SS-IL's), or CLASSES:TEST", {{0, 0, 0}, {1, 1, 1}}, list, count_chosen}},
      {argv, argv + argc});
}
