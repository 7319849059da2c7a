#pragma once
// One function per method; incremental/methods.cpp gives them their names.

#include "incremental/methods.h"

namespace mneme::methods {

Recipe finetuning(const MethodOptions& options);
Recipe freezing(const MethodOptions& options);
Recipe joint(const MethodOptions& options);
Recipe lwf(const MethodOptions& options);
Recipe lwf_s(const MethodOptions& options);
Recipe lwf_sr(const MethodOptions& options);
Recipe lwf_br(const MethodOptions& options);
Recipe lwf_br2(const MethodOptions& options);
Recipe lwf_bsr(const MethodOptions& options);
Recipe il_baseline(const MethodOptions& options);
Recipe il_baseline_balanced(const MethodOptions& options);

}  // namespace mneme::methods
