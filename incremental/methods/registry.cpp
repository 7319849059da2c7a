#include "incremental/methods/registry.h"

#include <algorithm>

#include "engine/base/suggest.h"

// The files of this folder that bring methods, one line each; NAME.cpp defines NAME_methods(). They are listed in the
// order of --list-methods.
#define MNEME_METHOD_FILES(FILE) \
  FILE(baselines)                \
  FILE(lwf)                      \
  FILE(lwm)                      \
  FILE(lucir)                    \
  FILE(importance)               \
  FILE(icarl)                    \
  FILE(eeil)                     \
  FILE(bic)                      \
  FILE(il2m)                     \
  FILE(dmc)                      \
  FILE(il_baseline)              \
  FILE(mnemonics)                \
  FILE(podnet)                   \
  FILE(ss_il)                    \
  FILE(tpcil)

namespace mneme {
namespace methods {

#define MNEME_DECLARE(name) std::vector<MethodInfo> name##_methods();
MNEME_METHOD_FILES(MNEME_DECLARE)
#undef MNEME_DECLARE

}  // namespace methods

namespace {

using Methods = std::vector<MethodInfo>;

void add(Methods& all, const MethodInfo& added) {
  MNEME_CHECK(!added.name.empty(), "a method needs a name: set MethodInfo::name before register_method");
  MNEME_CHECK(added.make != nullptr, "method '{}' cannot be made: set MethodInfo::make before register_method",
              added.name);
  for (const MethodInfo& method : all) {
    MNEME_CHECK(method.name != added.name, "there is a method '{}' already: register yours under another name",
                added.name);
    for (const Option& option : added.options)
      for (const Option& other : method.options)
        MNEME_CHECK(std::string(option.flag) != other.flag || option.read == other.read,
                    "method '{}': {} already is an option of '{}': share its row, or choose another flag", added.name,
                    option.flag, method.name);
  }
  all.push_back(added);
}

Methods methods_of_this_folder() {
  Methods all;
#define MNEME_ADD(name) \
  for (const MethodInfo& method : methods::name##_methods()) add(all, method);
  MNEME_METHOD_FILES(MNEME_ADD)
#undef MNEME_ADD
  return all;
}

Methods& registered() {
  static Methods methods = methods_of_this_folder();
  return methods;
}

}  // namespace

const std::vector<MethodInfo>& all_methods() { return registered(); }

void register_method(const MethodInfo& method) { add(registered(), method); }

const MethodInfo& method_named(const std::string& name) {
  std::vector<std::pair<const char*, const MethodInfo*>> known;
  for (const MethodInfo& method : all_methods()) known.emplace_back(method.name.c_str(), &method);
  return *choose_by_name("method", name, known);
}

Method make_method(const std::string& name, const MethodOptions& options) {
  Method method = method_named(name).make(options);
  method.name = name;
  return method;
}

}  // namespace mneme
