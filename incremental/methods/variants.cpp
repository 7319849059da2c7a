#include "incremental/methods/variants.h"

namespace mneme::methods {
namespace {

std::string summary_of(const Family& family, const Variant& variant) {
  return *variant.idea ? fmt::format("{}: {}", family.name, variant.idea) : family.summary;
}

Method make_variant(const Family& family, const Variant& variant, const MethodOptions& options) {
  Method method = family.make(options, variant);
  if (*variant.idea) method.description += fmt::format(". {}{}: {}", family.name, variant.suffix, variant.idea);
  method.description += '.';
  return method;
}

}  // namespace

std::vector<MethodInfo> methods_of(const Family& family) {
  std::vector<MethodInfo> all;
  for (size_t i = 0; i < std::size(variants); ++i) {
    const Variant& variant = variants[i];
    all.push_back({std::string(family.name) + variant.suffix, summary_of(family, variant), family.formulas[i],
                   family.source, family.options(variant), [family, &variant](const MethodOptions& options) {
                     return make_variant(family, variant, options);
                   }});
  }
  return all;
}

}  // namespace mneme::methods
