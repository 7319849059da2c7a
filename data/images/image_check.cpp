#include "data/images/image_check.h"

#include <algorithm>
#include <mutex>

#include "engine/base/error.h"
#include "engine/base/parallel.h"

namespace mneme {
namespace {

constexpr int told_every = 100;

}  // namespace

std::vector<BadImage> bad_images(const RawImageSet& set, const std::function<void(int done)>& progress) {
  std::vector<BadImage> bad;
  std::mutex mutex;
  int done = 0;
  const auto check = [&](int i) {
    std::string why;
    try {
      set.picture(i);
    } catch (const Error& error) {
      why = error.what();
    }
    const std::lock_guard lock(mutex);
    if (!why.empty()) bad.push_back({i, std::move(why)});
    if (++done % told_every == 0 || done == set.size()) progress(done);
  };
  parallel_chunks(set.size(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) check(static_cast<int>(i));
  });
  std::ranges::sort(bad, {}, &BadImage::index);
  return bad;
}

ImageFileList without(const ImageFileList& list, const std::vector<BadImage>& bad) {
  ImageFileList kept{.class_names = list.class_names, .root = list.root};
  auto next = bad.begin();
  for (size_t i = 0; i < list.files.size(); ++i) {
    if (next != bad.end() && next->index == static_cast<int>(i))
      ++next;
    else
      kept.add(list.files[i], list.labels[i], list.bytes[i]);
  }
  return kept;
}

}  // namespace mneme
