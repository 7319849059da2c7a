#pragma once
// Sets of large pictures as a run reads them.

#include <string>

#include "apps/common/flags.h"
#include "data/image_folder.h"
#include "data/image_set.h"

namespace mneme {

/// What a set is searched with, so that large_set tells of all bad files at once.
extern const int64_t any_number_bad;

/// Decodes every picture once, unless `flags` say not to, so that a bad one is known now and not after days: bad ones
/// are left out as far as --skip-bad allows, else Error tells of them all. Then the set as a run reads it. Says on
/// standard error what it does.
OwnedDataset large_set(const std::string& name, PictureSplit split, const Normalisation& normalisation,
                       const ImageFlags& flags);

/// A pack that `prepare` made, if `data` is a file; otherwise what `find` lists in the folder, through large_set. The
/// set's name says which classes it has, and ends with the first digits of class_list_sum.
OwnedDataset large_data(const std::string& name, const std::filesystem::path& data,
                        PictureSplit (*find)(const std::filesystem::path& folder, const ImageFlags& flags),
                        const Normalisation& normalisation, const ImageFlags& flags);

/// ImageNet or some of its classes, listed; bad files are left out whatever their number.
PictureSplit find_large_imagenet(const std::filesystem::path& folder, const ImageFlags& flags);

/// Of ImageNet's pictures.
extern const Normalisation imagenet_normalisation;

/// What programs for large pictures do unless told otherwise: ResNet-18, random-resized crops.
Flags large_defaults();

}  // namespace mneme
