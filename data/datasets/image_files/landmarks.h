#pragma once
// Google Landmarks v2: Weyand, Araujo, Cao and Sim, "Google Landmarks Dataset v2", 2020. It has one class per
// landmark. Its test images have no labels, so SS-IL's authors made sets of their own, with 1000 and 10,000 classes.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "data/images/image_folder.h"

namespace mneme {

struct LandmarkOptions {
  int classes = 1000;       ///< those of the most images; of equally many the lower landmark id comes first
  int test_per_class = 50;  ///< the first images of each, in train.csv's order; SS-IL: 50 of 1000 classes, 10 of 10,000
  int64_t skip_bad = 0;     ///< how many bad files may be left out before it is an error
};

/// Reads folder/train.csv, whose columns id and landmark_id may stand anywhere (without a header: id, url,
/// landmark_id), and finds a/b/c/abc....jpg in folder/train or folder. Label = rank of the class, its name the landmark
/// id. Or the lists train.txt and test.txt, as write_list_file writes them: the same set for another run, whatever the
/// options say of classes. Nothing is decoded. Throws one Error for all that is wrong: lines of another form, each with
/// its number and the reason, ids given twice, and more than `skip_bad` absent, empty or unreadable files.
ImageFileSplit find_landmarks(const std::filesystem::path& folder, const LandmarkOptions& options = {});

/// Chooses landmarks as find_landmarks() does, from the bytes of a train.csv called `name`, for images under `root`.
ImageFileSplit choose_landmarks(std::string_view csv, const std::string& name, const std::filesystem::path& root,
                                const LandmarkOptions& options);

}  // namespace mneme
