#include "data/datasets/svhn.h"

#include "data/datasets/dataset_urls.h"
#include "data/files/checksum.h"
#include "data/files/mat_file.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

constexpr int side = 32, channels = 3, digits = 10;
constexpr const char* mend = "fetch it again with `svhn download`";

ImageSetInfo info() {
  std::vector<std::string> names;
  for (int digit = 0; digit < digits; ++digit) names.push_back(std::to_string(digit));
  return {"SVHN", channels, side, side, names, {{0.4377f, 0.4438f, 0.4728f}, {0.1980f, 0.2010f, 0.1970f}}};
}

/// A file of exactly the published size is either the published one or damaged.
void check_content(const fs::path& file, const dataset_urls::SizedFile& official) {
  std::error_code ignored;
  if (fs::file_size(file, ignored) != official.bytes) return;
  MNEME_CHECK(md5_of_file(file) == official.file.md5,
              "{}: has the size of the official file but other content; it is damaged, {}, or read it unchecked if the "
              "change is meant",
              file.string(), mend);
}

/// From (row, column, colour, image), the row running fastest, to planes of rows.
void append_pixels(std::vector<uint8_t>& pixels, const std::vector<uint8_t>& x) {
  constexpr size_t plane = side * side;
  for (size_t first = 0; first < x.size(); first += plane)
    for (size_t row = 0; row < side; ++row)
      for (size_t column = 0; column < side; ++column) pixels.push_back(x[first + column * side + row]);
}

void append_labels(std::vector<int>& labels, const fs::path& file, const std::vector<uint8_t>& y) {
  for (size_t n = 0; n < y.size(); ++n) {
    MNEME_CHECK(y[n] >= 1 && y[n] <= digits, "{}: image {} has label {}, expected 1..{}; the file is damaged, {}",
                file.string(), n, y[n], digits, mend);
    labels.push_back(y[n] % digits);
  }
}

void append(ResidentImages& to, const fs::path& folder, const dataset_urls::SizedFile& official, bool checked) {
  const fs::path file = folder / official.name;
  std::error_code ignored;
  MNEME_CHECK(fs::is_regular_file(file, ignored), "no {0} in {1}; fetch it with `svhn download --data {1}`",
              official.name, folder.string());
  if (checked) check_content(file, official);
  const std::vector<MatArray> arrays = read_mat_arrays(file, {"X", "y"});
  const MatArray &x = arrays[0], &y = arrays[1];
  MNEME_CHECK(x.shape.size() == 4 && x.shape[0] == side && x.shape[1] == side && x.shape[2] == channels,
              "{}: X should have the shape 32 x 32 x 3 x N; {}", file.string(), mend);
  MNEME_CHECK(x.shape[3] > 0 && y.values.size() == x.shape[3], "{}: {} images but {} labels; {}", file.string(),
              x.shape[3], y.values.size(), mend);
  to.pixels.reserve(to.pixels.size() + x.values.size());
  append_pixels(to.pixels, x.values);
  append_labels(to.labels, file, y.values);
}

}  // namespace

ResidentDataset load_svhn(const fs::path& folder, const SvhnOptions& options) {
  ResidentDataset set{{info(), {}, {}}, {info(), {}, {}}};
  append(set.train, folder, dataset_urls::svhn_train, options.check_content);
  if (options.extra) append(set.train, folder, dataset_urls::svhn_extra, options.check_content);
  append(set.test, folder, dataset_urls::svhn_test, options.check_content);
  return set;
}

}  // namespace mneme
