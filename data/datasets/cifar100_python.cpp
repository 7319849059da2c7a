#include "data/datasets/cifar100_layouts.h"
#include "data/datasets/pickled_images.h"
#include "data/files/file_bytes.h"
#include "engine/base/error.h"

namespace mneme::cifar100 {

Records read_python(const std::filesystem::path& file) { return parse_python(read_file(file), file); }

Records parse_python(std::string bytes, const std::filesystem::path& file) {
  const Pickle pickle(std::move(bytes), file.string());
  const PickledImages images(pickle, mend);
  const std::string_view pixels = images.pixels("data", image_bytes);
  Records out{file, {pixels.begin(), pixels.end()}, images.labels("fine_labels", 255), {}};
  if (images.holds("coarse_labels")) out.coarse = images.labels("coarse_labels", 255);
  const size_t count = pixels.size() / image_bytes;
  MNEME_CHECK(out.fine.size() == count && (out.coarse.empty() || out.coarse.size() == count),
              "{}: {} images but {} fine and {} coarse labels; {}", file.string(), count, out.fine.size(),
              out.coarse.size(), mend);
  return out;
}

std::vector<std::string> python_class_names(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "meta";
  if (!std::filesystem::exists(file)) return class_names();
  const Pickle pickle(read_file(file), file.string());
  return checked_names(file, PickledImages(pickle, mend).names("fine_label_names"));
}

}  // namespace mneme::cifar100
