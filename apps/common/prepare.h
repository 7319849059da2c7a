#pragma once
// The verb `prepare`: packs image files into one file (data/images/prepare.h). A program with large images adds the
// verb by add_prepare(). If the command line has the verb, the program lists its images and calls prepare().

#include <filesystem>
#include <string>

#include "data/images/prepare.h"

namespace CLI {
class App;  // CLI11 takes seconds to compile, so that only sources include it
}

namespace mneme {

struct PrepareFlags {
  std::filesystem::path data, out;
  bool dry_run = false, verify = false;
  int threads = 0;
  PrepareOptions options;
};

/// Adds the verb and its flags to `app`. `data_set` is the set's name in --help.
CLI::App* add_prepare(CLI::App& app, const std::string& data_set, PrepareFlags& flags);

/// Whether the flags ask to make a pack, and not only to verify one. Throws UsageError if they ask for neither or
/// contradict each other.
bool needs_images(const PrepareFlags& flags);

/// Prints the size that the pack of `images` will have. Unless the flags ask for no more, makes the pack with a
/// progress line, and at the end prints the doubtful and unreadable files; the file OUT.files holds their full list.
/// With --verify it then compares every image of the pack with its checksum. If needs_images(flags) is false, it only
/// verifies. Throws Error if the disk is too small, if OUT.files exists and was not written by `prepare`, if an image
/// of the pack is damaged, and as prepare_pack does.
void prepare(const PrepareFlags& flags, const ImageFileSplit& images);

}  // namespace mneme
