#include "apps/common/large_set.h"

#include <chrono>
#include <limits>
#include <thread>

#include "data/imagenet.h"
#include "data/picture_check.h"
#include "data/picture_pack.h"
#include "data/streamed_images.h"
#include "engine/error.h"

namespace mneme {
namespace {

constexpr double told_after = 2;  // seconds; a small set is checked before anyone wonders

int threads_of(const ImageFlags& flags) {
  return flags.decode_threads > 0 ? flags.decode_threads : static_cast<int>(std::thread::hardware_concurrency());
}

/// One line that is written over and over, once it has lasted.
class Progress {
 public:
  explicit Progress(int all) : all_(all) {}
  ~Progress() {
    if (shown_) fmt::print(stderr, "\n");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void tell(int done) {
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    if (seconds < told_after) return;
    shown_ = true;
    fmt::print(stderr, "\rchecking pictures: {} of {}, {:.0f} s left (--unchecked leaves this out)  ", done, all_,
               seconds / done * (all_ - done));
    std::fflush(stderr);
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
  int all_;
  bool shown_ = false;
};

/// Takes the pictures that cannot be decoded out of the list.
PictureList checked(const PictureList& list, const ImageFlags& flags, Problems& problems) {
  const PictureFiles set(list);
  Progress progress(set.size());
  const std::vector<BadPicture> bad = bad_pictures(set, threads_of(flags), [&](int done) { progress.tell(done); });
  for (const BadPicture& picture : bad) problems.add_file("picture that cannot be decoded", picture.why);
  return without(list, bad);
}

std::shared_ptr<const ImageSet> streamed(PictureList list, const StreamOptions& options) {
  return std::make_shared<StreamedImages>(std::make_shared<PictureFiles>(std::move(list)), options);
}

std::string named(const std::string& name, const std::string& which, const std::vector<std::string>& classes) {
  return fmt::format("{} ({}, classes {})", name, which, class_list_sum(classes).substr(0, 8));
}

}  // namespace

const int64_t any_number_bad = std::numeric_limits<int64_t>::max();

OwnedDataset large_set(const std::string& name, PictureSplit split, const Normalisation& normalisation,
                       const ImageFlags& flags) {
  Problems problems = std::move(split.left_out);
  if (!flags.unchecked) {
    split.train = checked(split.train, flags, problems);
    split.test = checked(split.test, flags, problems);
  }
  problems.check(name, flags.skip_bad);
  if (!problems.empty()) fmt::print(stderr, "{}: left out {}\n", name, problems.text());
  const StreamOptions options{name, flags.image_size, normalisation, threads_of(flags)};
  return {streamed(std::move(split.train), options), streamed(std::move(split.test), options)};
}

OwnedDataset large_data(const std::string& name, const std::filesystem::path& data,
                        PictureSplit (*find)(const std::filesystem::path& folder, const ImageFlags& flags),
                        const Normalisation& normalisation, const ImageFlags& flags) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(data, ignored)) {
    PictureSplit split = find(data, flags);
    const std::string full = named(name, flags.subset, split.train.class_names);
    return large_set(full, std::move(split), normalisation, flags);
  }
  const PackedSplit pack = open_pack(data);
  const StreamOptions options{named(name, "packed", pack.train->class_names()), flags.image_size, normalisation,
                              threads_of(flags)};
  return {std::make_shared<StreamedImages>(pack.train, options), std::make_shared<StreamedImages>(pack.test, options)};
}

const Normalisation imagenet_normalisation{{0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};

PictureSplit find_large_imagenet(const std::filesystem::path& folder, const ImageFlags& flags) {
  return find_imagenet(folder, {flags.subset, any_number_bad});
}

Flags large_defaults() {
  Flags flags;
  flags.experiment.network.name = "resnet18";
  flags.augmentation = "resized-crop";
  return flags;
}

}  // namespace mneme
