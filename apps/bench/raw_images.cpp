#include "apps/bench/raw_images.h"

#include <ctime>

#include "data/files/file_bytes.h"
#include "data/images/image_decoders.h"
#include "data/images/image_pack.h"
#include "data/images/resize.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

template <class Work>
double seconds_of(const Work& work) {
  const double start = processor_seconds();
  work();
  return processor_seconds() - start;
}

template <class Work>
double seconds_for_each(const std::vector<std::string>& files, const Work& work) {
  return seconds_of([&] {
    for (const std::string& file : files) work(file);
  });
}

}  // namespace

nlohmann::json time_images(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  int64_t pixels = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (has_image_name(entry.path())) {
      files.push_back(read_file(entry.path()));
      pixels += read_image_header(files.back(), entry.path().string()).pixels();
    }
  MNEME_CHECK(!files.empty(), "{}: no image in it", folder.string());
  const auto decode = [](const std::string& file) { return decode_image(file, "image"); };
  return {{"images", files.size()},
          {"megapixels", static_cast<double>(pixels) * 1e-6},
          {"jpeg_decoder", has_jpeg_turbo() ? "libjpeg-turbo" : "stb_image"},
          {"decode", seconds_for_each(files, decode)},
          {"decode_scaled",
           seconds_for_each(files,
                            [](const std::string& file) { decode_image(file, "image", {.least_short_side = 256}); })},
          {"decode_stb",
           seconds_for_each(
               files, [](const std::string& file) { decode_by_stb(file, read_image_header(file, "image"), "image"); })},
          {"decode_and_resize", seconds_for_each(files, [&](const std::string& file) {
             const RawImage image = decode(file);
             resized(image, whole(image), 224, 224);
           })}};
}

nlohmann::json time_pack_index(int64_t images) {
  constexpr int classes = 1000;
  PackIndex index;
  for (int c = 0; c < classes; ++c) index.class_names.push_back(fmt::format("n{:08}", c));
  for (int64_t i = 0; i < images; ++i)
    index.train.push_back({pack_header_bytes, 1, 1, static_cast<int32_t>(i % classes), 0});
  const std::string bytes = pack_index_bytes(index), pixels(3, '\0');
  const std::string pack = pack_header(bytes, pack_header_bytes + pixels.size()) + pixels + bytes;
  const double open = seconds_of([&] { parse_pack(pack, "pack"); });
  return {{"images", images}, {"seconds", open}, {"bytes", images * static_cast<int64_t>(sizeof(PackEntry))}};
}

}  // namespace mneme
