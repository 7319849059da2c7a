#pragma once
// Sets of large images as a run reads them.

#include <string>
#include <vector>

#include "apps/common/flags.h"
#include "data/batches/image_set.h"
#include "data/images/image_folder.h"

namespace mneme {

/// How a program's set is found.
struct LargeImageSet {
  const char* subset;           ///< what --subset takes, for --help; null: there is no such flag
  Normalisation normalisation;  ///< mean and deviation of each channel, by which images are normalised
  /// Lists the files of the classes that --subset chooses, bad ones left out whatever their number. A folder of lists
  /// chooses for itself.
  ImageFileSplit (*list)(const std::filesystem::path& folder, const ImageFlags& flags);
  /// How many classes --subset chooses among those of these names. Throws UsageError.
  int (*chosen)(const std::string& subset, const std::vector<std::string>& names);
  /// The set's name, from what --data names and its classes; null: the program's, with the classes that were chosen.
  std::string (*title)(const std::filesystem::path& data, const std::vector<std::string>& classes) = nullptr;
  bool splits = false;  ///< whether a folder that is not split is split here, and the flags that say how exist
};

/// ImageNet; `subset` is for --help.
LargeImageSet imagenet_files(const char* subset);

/// So that all bad files are told of at once.
extern const int64_t any_number_bad;

/// What is in a folder. Throws UsageError if those are not the classes that --subset chooses.
ImageFileSplit find_images(const LargeImageSet& set, const std::filesystem::path& folder, const ImageFlags& flags);

/// A set as a run reads it: a pack that `prepare` made, if `data` is a file; otherwise a folder's images, each decoded
/// once now, unless `flags` say not to, so that a bad one is known at once and not after days. Bad images are left out
/// as far as --skip-bad allows, else Error tells of them all. Everything that is left out or doubtful is told on standard error
/// and stands among the set's remarks. The set's name says which classes it has, and ends with the first digits of
/// class_list_sum. Throws as find_images does.
OwnedDataset large_data(const std::string& name, const std::filesystem::path& data, const LargeImageSet& set,
                        const ImageFlags& flags);

/// What programs for large images do unless told otherwise: ResNet-18, random-resized crops.
Flags large_defaults();

}  // namespace mneme
