#pragma once
// One function per method; incremental/methods.cpp gives them their names.

#include "incremental/methods.h"

namespace mneme::methods {

Recipe finetuning(const MethodOptions& options);
Recipe freezing(const MethodOptions& options);
Recipe joint(const MethodOptions& options);
Recipe lwf(const MethodOptions& options);
Recipe il_baseline(const MethodOptions& options);
Recipe il_baseline_balanced(const MethodOptions& options);

}  // namespace mneme::methods
