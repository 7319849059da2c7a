#pragma once
// Where data sets are published, one entry each.

#include "data/download.h"

namespace mneme::published {

/// https://www.cs.toronto.edu/~kriz/cifar.html
inline const RemoteArchive cifar100{
    .file = {"https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8"},
    .folder = "cifar-100-binary",
    .contents = {{"train.bin", 153700000}, {"test.bin", 30740000}}};

}  // namespace mneme::published
