#pragma once

#include "incremental/methods/variants.h"

namespace mneme::methods {

/// LwF or one of its variants, without the full stop that ends the description: docs/methods/lwf.md#loss.
Method lwf(const MethodOptions& options, const Variant& variant);
/// The rows that the losses of this variant use.
std::vector<Option> lwf_options(const Variant& variant);

}  // namespace mneme::methods
