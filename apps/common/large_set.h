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

/// ImageNet or some of its classes. The set's name says which, and ends with the first digits of class_list_sum.
OwnedDataset large_imagenet(const std::string& name, const std::filesystem::path& folder, const ImageFlags& flags);

/// What programs for large pictures do unless told otherwise: ResNet-18, random-resized crops.
Flags large_defaults();

}  // namespace mneme
