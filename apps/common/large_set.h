#pragma once
// Sets of large images as a run reads them.

#include <string>
#include <vector>

#include "apps/common/flags.h"
#include "data/batches/image_set.h"
#include "data/images/image_folder.h"

namespace mneme {

/// The functions by which a program finds its set of large images, and how the images are normalised.
struct LargeImageSet {
  const char* subset;           ///< what --subset takes, for --help; null: there is no such flag
  Normalisation normalisation;  ///< mean and deviation of each channel, by which images are normalised
  /// Lists the files of the classes that --subset chooses. Unreadable files are left out, however many they are. A
  /// folder with list files ignores --subset.
  ImageFileSplit (*list)(const std::filesystem::path& folder, const ImageFlags& flags);
  /// The number of classes that --subset chooses from the classes with these names. Throws UsageError.
  int (*chosen)(const std::string& subset, const std::vector<std::string>& names);
  /// The name of a set, from the value of --data and the set's classes. Null: the program's name of the set, with the
  /// chosen classes.
  std::string (*title)(const std::filesystem::path& data, const std::vector<std::string>& classes) = nullptr;
  bool splits = false;  ///< a folder that is not split is split here, and the program has flags for that
};

/// A LargeImageSet::chosen for a set without a choice: all classes there are.
int all_classes(const std::string& subset, const std::vector<std::string>& names);

/// The description of ImageNet. `subset` is the help text of --subset.
LargeImageSet imagenet_files(const char* subset);

/// A limit that no number of bad files reaches, so that one message can name them all.
extern const int64_t any_number_bad;

/// Lists the images of a folder. Throws UsageError if their classes are not those that --subset chooses.
ImageFileSplit find_images(const LargeImageSet& set, const std::filesystem::path& folder, const ImageFlags& flags);

/// Opens a set as a run reads it. If `data` is a file, it is a pack that `prepare` made. Otherwise it is a folder, and
/// each image is decoded once now, unless `flags` say not to, so that a bad image is known before the run and not after
/// days. At most --skip-bad bad images are left out; if there are more, Error names them all. Everything that is left
/// out or doubtful is printed on standard error and becomes a remark of the set. The name of the set says which classes
/// it has and ends with the first digits of class_list_sum. Throws as find_images does.
OwnedDataset large_data(const std::string& name, const std::filesystem::path& data, const LargeImageSet& set,
                        const ImageFlags& flags);

/// The default flags of programs for large images: ResNet-18 and random-resized crops.
Flags large_defaults();

}  // namespace mneme
