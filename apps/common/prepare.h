#pragma once
// The verb `prepare`: pictures in files become a pack (data/images/prepare.h). A program with a set of pictures offers
// it by add_prepare and, where it was given, lists them and calls prepare.

#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>

#include "data/images/prepare.h"

namespace mneme {

struct PrepareFlags {
  std::filesystem::path data, out;
  bool dry_run = false;
  int threads = 0;
  PrepareOptions options;
};

/// Adds the verb with its flags; `data_set` is the set's name, for --help.
CLI::App* add_prepare(CLI::App& app, const std::string& data_set, PrepareFlags& flags);

/// Says what the pack of `pictures` will take and, unless that is all that was asked for, makes it, with progress on
/// the way and a list of odd and bad files at the end, which OUT.files keeps in full. Throws Error if the disk is too
/// small, and as prepare_pack does.
void prepare(const PrepareFlags& flags, const ImageFileSplit& pictures);

}  // namespace mneme
