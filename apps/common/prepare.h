#pragma once
// The verb `prepare`: images in files become a pack (data/images/prepare.h). A program with a set of images offers
// it by add_prepare and, where it was given, lists them and calls prepare.

#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>

#include "data/images/prepare.h"

namespace mneme {

struct PrepareFlags {
  std::filesystem::path data, out;
  bool dry_run = false, verify = false;
  int threads = 0;
  PrepareOptions options;
};

/// Adds the verb with its flags; `data_set` is the set's name, for --help.
CLI::App* add_prepare(CLI::App& app, const std::string& data_set, PrepareFlags& flags);

/// Whether the flags ask for a pack to be made, and not only for one to be verified. Throws UsageError for flags that
/// ask for neither, or contradict each other.
bool needs_images(const PrepareFlags& flags);

/// Says what the pack of `images` will take and, unless that is all that was asked for, makes it, with progress on the
/// way and the odd and bad files at the end, which OUT.files keeps in full. With --verify every image of the pack is
/// then compared with its checksum; without needs_images(flags) nothing else is done. Throws Error if the disk is too
/// small, if OUT.files is there and none that `prepare` wrote, if an image of the pack is damaged, and as prepare_pack
/// does.
void prepare(const PrepareFlags& flags, const ImageFileSplit& images);

}  // namespace mneme
