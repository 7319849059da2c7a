#include "data/images/image_check.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "engine/base/error.h"
#include "engine/base/parallel.h"

namespace mneme {
namespace {

constexpr int told_every = 100;

}  // namespace

ImageCheck check_images(const RawImageSet& set, const std::function<void(int done)>& progress) {
  ImageCheck found;
  std::map<int, DecodeRemark> remarks;
  std::mutex mutex;
  int done = 0;
  const auto check = [&](int i) {
    std::string why;
    DecodeRemark remark = DecodeRemark::none;
    try {
      remark = set.image(i).remark;
    } catch (const Error& error) {
      why = error.what();
    }
    const std::lock_guard lock(mutex);
    if (!why.empty()) found.bad.push_back({i, std::move(why)});
    if (remark != DecodeRemark::none) remarks[i] = remark;
    if (++done % told_every == 0 || done == set.size()) progress(done);
  };
  parallel_chunks(set.size(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) check(static_cast<int>(i));
  });
  std::ranges::sort(found.bad, {}, &BadImage::index);
  for (const auto& [i, remark] : remarks) found.remarks.add_remark(phrase_of(remark), set.where(i));
  return found;
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
