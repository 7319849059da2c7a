#pragma once
// The methods by name. Each file of this folder brings one method or a family of them; registry.cpp lists the
// files. A program outside this repository adds its own with register_method.

#include <functional>
#include <string>
#include <vector>

#include "incremental/method/method.h"
#include "incremental/options/option.h"

namespace mneme {

struct MethodInfo {
  std::string name = {};
  std::string summary = {};          ///< one line of --list-methods
  std::string formula = {};          ///< the loss, in one or two lines
  std::string source = {};           ///< the paper, and where docs/methods describes the method
  std::vector<Option> options = {};  ///< the rows of all options that the method uses: Note [Method options]
  std::function<Method(const MethodOptions& options)> make = {};
};

/// All registered methods, in the order of --list-methods.
const std::vector<MethodInfo>& all_methods();

/// Adds a method from outside this repository, which `--method NAME` then finds like any other. Call it before the
/// command line is read and before another thread starts: references into all_methods() are invalid afterwards. Throws
/// Error if the name is empty or taken, if `make` is empty, or if one of the method's flags already is another option.
void register_method(const MethodInfo& method);

/// Throws UsageError with the nearest name if there is no such method.
const MethodInfo& method_named(const std::string& name);

/// The method of that name with these options. Throws UsageError with the nearest name if there is no such method.
Method make_method(const std::string& name, const MethodOptions& options);

}  // namespace mneme
