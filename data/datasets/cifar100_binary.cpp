#include "data/datasets/cifar100_layouts.h"
#include "data/files/file_bytes.h"
#include "engine/base/error.h"

namespace mneme::cifar100 {

Records read_binary(const std::filesystem::path& file) { return parse_binary(read_file(file), file); }

Records parse_binary(const std::string& bytes, const std::filesystem::path& file) {
  constexpr size_t record_bytes = 2 + image_bytes;
  MNEME_CHECK(
      !bytes.empty() && bytes.size() % record_bytes == 0,
      "{}: {} bytes are not a whole number of {}-byte records (the official files have 153700000 and 30740000); {}",
      file.string(), bytes.size(), record_bytes, mend);
  const size_t count = bytes.size() / record_bytes;
  Records out{file, {}, {}, {}};
  out.pixels.reserve(count * image_bytes);
  out.fine.reserve(count);
  out.coarse.reserve(count);
  for (auto record = bytes.begin(); record != bytes.end(); record += record_bytes) {
    out.coarse.push_back(static_cast<unsigned char>(record[0]));
    out.fine.push_back(static_cast<unsigned char>(record[1]));
    out.pixels.insert(out.pixels.end(), record + 2, record + record_bytes);
  }
  return out;
}

std::vector<std::string> binary_class_names(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "fine_label_names.txt";
  if (!std::filesystem::exists(file)) return class_names();
  std::vector<std::string> names = read_lines(file);
  while (!names.empty() && names.back().empty()) names.pop_back();  // the official file ends with an empty line
  return checked_names(file, std::move(names));
}

}  // namespace mneme::cifar100
