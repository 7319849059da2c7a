#pragma once
// One function per method, or per family of variants; incremental/methods/registry.cpp gives them their names.

#include "incremental/methods/registry.h"
#include "incremental/methods/variants.h"

namespace mneme::methods {

Recipe finetuning(const MethodOptions& options);
Recipe freezing(const MethodOptions& options);
Recipe joint(const MethodOptions& options);
Recipe lwf(const MethodOptions& options, const Variant& variant);
Recipe lwm(const MethodOptions& options, const Variant& variant);
Recipe lucir(const MethodOptions& options, const Variant& variant);
Recipe ewc(const MethodOptions& options);
Recipe si(const MethodOptions& options);
Recipe mas(const MethodOptions& options);
Recipe rwalk(const MethodOptions& options);
Recipe icarl(const MethodOptions& options);
Recipe eeil(const MethodOptions& options);
Recipe bic(const MethodOptions& options);
Recipe il2m(const MethodOptions& options);
Recipe dmc(const MethodOptions& options);
Recipe il_baseline(const MethodOptions& options);
Recipe il_baseline_balanced(const MethodOptions& options);
Recipe il_baseline_meta(const MethodOptions& options);
Recipe lucir_balanced(const MethodOptions& options);
Recipe mnemonics(const MethodOptions& options);
Recipe podnet(const MethodOptions& options);
Recipe podnet_balanced(const MethodOptions& options);
Recipe ss_il(const MethodOptions& options);
Recipe ft_ss_il(const MethodOptions& options);
Recipe il2m_ss_il(const MethodOptions& options);
Recipe eeil_ss_il(const MethodOptions& options);
Recipe bic_ss_il(const MethodOptions& options);
Recipe icarl_ss_il(const MethodOptions& options);
Recipe lucir_ss_il(const MethodOptions& options);
Recipe podnet_ss_il(const MethodOptions& options);
Recipe tpcil(const MethodOptions& options);

}  // namespace mneme::methods
