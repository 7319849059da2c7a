#include "data/picture_check.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "engine/error.h"

namespace mneme {
namespace {

constexpr int told_every = 100;

}  // namespace

std::vector<BadPicture> bad_pictures(const PictureSet& set, int threads,
                                     const std::function<void(int done)>& progress) {
  std::vector<BadPicture> bad;
  std::atomic<int> next = 0;
  std::mutex mutex;
  int done = 0;
  const auto work = [&] {
    for (int i = next++; i < set.size(); i = next++) {
      std::string why;
      try {
        set.picture(i);
      } catch (const Error& error) {
        why = error.what();
      }
      const std::lock_guard lock(mutex);
      if (!why.empty()) bad.push_back({i, std::move(why)});
      if (++done % told_every == 0 || done == set.size()) progress(done);
    }
  };
  std::vector<std::thread> helpers;
  for (int t = 1; t < threads; ++t) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();
  std::ranges::sort(bad, {}, &BadPicture::index);
  return bad;
}

PictureList without(const PictureList& list, const std::vector<BadPicture>& bad) {
  PictureList kept{.class_names = list.class_names, .root = list.root};
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
