#pragma once
// Sets of large pictures as a run reads them.

#include <string>

#include "apps/common/flags.h"
#include "data/image_folder.h"
#include "data/image_set.h"

namespace mneme {

/// Per channel of ImageNet's training pictures, in [0, 1].
extern const Normalisation imagenet_normalisation;
/// Pixels in [0, 1] as they are.
extern const Normalisation no_normalisation;

/// Decodes every picture once, unless `flags` say not to, so that a bad one is known now and not after days: bad ones
/// are left out as far as --skip-bad allows, else Error tells of them all. Then the set as a run reads it. Says on
/// standard error what it does.
OwnedDataset large_set(const std::string& name, PictureSplit split, const Normalisation& normalisation,
                       const ImageFlags& flags);

/// What programs for large pictures do unless told otherwise: ResNet-18, random-resized crops.
Flags large_defaults();

}  // namespace mneme
