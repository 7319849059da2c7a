#pragma once
// One function per method, or per family of variants; incremental/methods/registry.cpp gives them their names.

#include "incremental/methods/registry.h"
#include "incremental/methods/variants.h"

namespace mneme::methods {

Method finetuning(const MethodOptions& options);
Method freezing(const MethodOptions& options);
Method joint(const MethodOptions& options);
Method lwf(const MethodOptions& options, const Variant& variant);
Method lwm(const MethodOptions& options, const Variant& variant);
Method lucir(const MethodOptions& options, const Variant& variant);
Method ewc(const MethodOptions& options);
Method si(const MethodOptions& options);
Method mas(const MethodOptions& options);
Method rwalk(const MethodOptions& options);
Method icarl(const MethodOptions& options);
Method eeil(const MethodOptions& options);
Method bic(const MethodOptions& options);
Method il2m(const MethodOptions& options);
Method dmc(const MethodOptions& options);
Method il_baseline(const MethodOptions& options);
Method il_baseline_balanced(const MethodOptions& options);
Method il_baseline_meta(const MethodOptions& options);
Method lucir_balanced(const MethodOptions& options);
Method mnemonics(const MethodOptions& options);
Method podnet(const MethodOptions& options);
Method podnet_balanced(const MethodOptions& options);
Method ss_il(const MethodOptions& options);
Method ft_ss_il(const MethodOptions& options);
Method il2m_ss_il(const MethodOptions& options);
Method eeil_ss_il(const MethodOptions& options);
Method bic_ss_il(const MethodOptions& options);
Method icarl_ss_il(const MethodOptions& options);
Method lucir_ss_il(const MethodOptions& options);
Method podnet_ss_il(const MethodOptions& options);
Method tpcil(const MethodOptions& options);

}  // namespace mneme::methods
