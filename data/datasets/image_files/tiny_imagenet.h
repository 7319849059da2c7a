#pragma once
// Tiny-ImageNet: 200 classes of ImageNet at 64x64 pixels, made for Stanford's course CS231n in 2015. 500 images per
// class to learn from, 50 to test with.

#include <cstdint>
#include <filesystem>

#include "data/images/image_folder.h"

namespace mneme {

/// Finds Tiny-ImageNet in `folder` or folder/tiny-imagenet-200, as it is given out:
///
///   wnids.txt                   the WordNet ids of the classes, one a line
///   words.txt                   names of all of WordNet: "id<tab>name, name"
///   train/ID/images/*.JPEG      the images to learn from
///   val/images/*.JPEG           the images to test with; test/ has no labels and is not read
///   val/val_annotations.txt     "file<tab>id<tab>box" for each of them
///
/// or the lists train.txt and val.txt (data/images/list_file.h). A class's label is the rank of its id, and its name
/// the first of its names, with the id behind it if two classes would have the same name. Nothing is decoded. Throws
/// one Error for all that is wrong: missing files, lines of another form, ids that wnids.txt does not list, classes
/// without a name or an image, and more than `skip_bad` absent, empty or unreadable images.
ImageFileSplit find_tiny_imagenet(const std::filesystem::path& folder, int64_t skip_bad = 0);

}  // namespace mneme
