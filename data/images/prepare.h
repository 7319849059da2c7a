#pragma once
// Makes a pack of image files: every image is decoded once, checked, and scaled to the size that training needs.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "data/images/image_folder.h"
#include "data/images/image_pack.h"

namespace mneme {

struct PrepareOptions {
  int short_side = 256;                               ///< larger images are resized to it
  bool enlarge = false;                               ///< smaller ones too; otherwise they stay as they are
  bool scaled_decoding = false;                       ///< see DecodeOptions::least_short_side: faster, other pixels
  int64_t most_pixels = DecodeOptions{}.most_pixels;  ///< larger images are bad files
  int64_t skip_bad = 0;                               ///< how many bad files may be left out before it is an error
};

struct PrepareProgress {
  int64_t done, total;  // images; those done before a resumption count
  int64_t begun_with;   // done before
  int64_t bytes;        // of pixels written so far
};

struct PrepareReport {
  int64_t train = 0, test = 0, bytes = 0;  // of the pack
  Diagnostics odd = {};                    // images that are in the pack but unusual, and what was done to them
  Diagnostics bad = {};                    // left out, here or when the files were listed, and what was not read then
};

/// Packs the images in their order, by threads() threads. Until it is complete the pack lies beside `out` as OUT.part,
/// with OUT.journal telling what is in it; a later call with the same images and options goes on from there, after it
/// has checked the pixels that are there already, and ends in the same bytes. If `out` is a complete pack of these
/// images already, it is left as it is. Throws Error for more than `skip_bad` bad files, all of them named (a later
/// call that may skip them need not read any again); if `out` is of other images or options, or in use; if OUT.part or
/// OUT.journal are there and not of a Journal or pack; and if the disk is full.
PrepareReport prepare_pack(const ImageFileSplit& images, const std::filesystem::path& out,
                           const PrepareOptions& options,
                           const std::function<void(const PrepareProgress&)>& progress = nullptr);

/// Compares every image of a pack with its checksum, by threads() threads, and returns the damaged ones. `progress` is
/// told now and then. Throws Error as open_pack does.
Diagnostics verify_pack(const std::filesystem::path& out,
                        const std::function<void(int64_t done, int64_t total)>& progress = nullptr);

struct PrepareEstimate {
  int64_t images = 0;
  int64_t bytes = 0;   // of the pack
  double seconds = 0;  // of decoding by threads() threads; a slow disk adds to it
};

/// From decoding at most `sample` images, evenly spread. Throws nothing for images that cannot be decoded: they take no
/// room.
PrepareEstimate estimate_pack(const ImageFileSplit& images, const PrepareOptions& options, int64_t sample = 200);

}  // namespace mneme
