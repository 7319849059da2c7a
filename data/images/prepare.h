#pragma once
// From files of pictures to a pack: every picture is decoded once, checked, and brought to the size that training
// needs.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "data/images/image_folder.h"
#include "data/images/image_pack.h"

namespace mneme {

struct PrepareOptions {
  int short_side = 256;                               ///< larger pictures are resized to it
  bool enlarge = false;                               ///< smaller ones too; otherwise they stay as they are
  bool scaled_decoding = false;                       ///< see DecodeOptions::least_short_side: faster, other pixels
  int64_t most_pixels = DecodeOptions{}.most_pixels;  ///< larger pictures are bad files
  int64_t skip_bad = 0;                               ///< so many bad files are left out before it is an error
};

struct PrepareProgress {
  int64_t done, total;  // pictures; those done before a resumption count
  int64_t begun_with;   // done before
  int64_t bytes;        // of pixels written so far
};

struct PrepareReport {
  int64_t train = 0, test = 0, bytes = 0;  // of the pack
  Diagnostics odd = {};                    // good pictures of an unusual kind, and what was done to them
  Diagnostics bad = {};                    // left out, here or when the files were listed
};

/// Packs the pictures in their order, by threads() threads. Until it is complete the pack lies beside `out` as
/// OUT.part, with OUT.journal telling what is in it; a later call with the same pictures and options goes on from there
/// and ends in the same bytes. If `out` is a complete pack of these pictures already, it is left as it is. Throws Error
/// for more than `skip_bad` bad files, all of them named (a later call that may skip them need not read any again), and
/// if `out` is of other pictures or options, in use, or the disk is full.
PrepareReport prepare_pack(const ImageFileSplit& pictures, const std::filesystem::path& out,
                           const PrepareOptions& options,
                           const std::function<void(const PrepareProgress&)>& progress = nullptr);

struct PrepareEstimate {
  int64_t pictures = 0;
  int64_t bytes = 0;   // of the pack
  double seconds = 0;  // of decoding by threads() threads; a slow disk adds to it
};

/// From decoding at most `sample` pictures, evenly spread.
PrepareEstimate estimate_pack(const ImageFileSplit& pictures, const PrepareOptions& options, int64_t sample = 200);

}  // namespace mneme
