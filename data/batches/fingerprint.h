#pragma once

#include <string>

#include "data/batches/image_set.h"

namespace mneme {

/// SHA-256 over everything a run can see of a set: names, sizes, normalisation, labels and pixels of both parts (of
/// streamed sets, what stands for the pixels). The same for any file layout the set came in. 64 hexadecimal digits.
std::string fingerprint(const Dataset& data);

}  // namespace mneme
