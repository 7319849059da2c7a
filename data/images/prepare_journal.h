#pragma once
// A journal of what `prepare` did with each file so far. It is kept on disk beside the pack, so that a stopped
// `prepare` can go on. Private to data/images/prepare*.cpp.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/files/output_file.h"

namespace mneme {

/// The result of preparing one file.
struct Outcome {
  int32_t height = 0,      ///< the height of the image in the pack, in pixels
      width = 0;           ///< the width of the image in the pack, in pixels
  uint32_t crc = 0;        ///< of its pixels
  unsigned odd = 0;        ///< a bit for each of prepare.cpp's oddities
  std::string fault = {};  ///< not empty: the file is bad, and has no pixels

  /// The size of the pixels in the pack, in bytes: 3 height width.
  uint64_t bytes() const;
};

/// OUT.journal: a line that names what is prepared, then a line for each file, in order of the files.
class Journal {
 public:
  /// Opens the journal of the pack `out`, or makes it. `source` identifies images and options. Throws Error if the
  /// journal is of another source, damaged, or none that a Journal wrote.
  Journal(const std::filesystem::path& out, const std::string& source);

  /// The outcome of each file so far, in order of the files.
  const std::vector<Outcome>& outcomes() const { return outcomes_; }
  /// Of all images in outcomes().
  uint64_t pixel_bytes() const { return pixel_bytes_; }
  /// Whether the journal was there before, with its first line complete.
  bool was_there() const { return was_there_; }

  /// Forgets the last outcomes until the pixels of all others fit into `bytes`, and no more than `count` are left.
  void keep(uint64_t bytes, size_t count);
  /// Appends outcomes and returns when they are on the disk.
  void add(const std::vector<Outcome>& outcomes);

 private:
  void take(const Outcome& outcome);
  void read();

  std::filesystem::path path_;
  OutputFile file_;
  std::string head_;
  bool was_there_ = false;
  std::vector<Outcome> outcomes_;
  uint64_t pixel_bytes_ = 0, line_bytes_ = 0;
};

}  // namespace mneme
