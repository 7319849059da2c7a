#pragma once
// Slots of a method filled by name, in place of what the method has there: compositions from the command line. A slot's
// choice brings the options that it uses (Note [Method options]).

#include <string>

#include "incremental/methods/registry.h"

namespace mneme {

/// Empty: the method's own.
struct SlotChoices {
  std::string prediction = {};  ///< how labels are learned: one of prediction_names()
  /// How the teacher is distilled: "none", or some of distillation_names(), joined by commas. Each term has the
  /// weight `--lambda` (1 by default). pod-flat computes what less-forget computes; the weights of both pods grow with
  /// sqrt(N / n_t) unless `--fixed-lambda` is given.
  std::string distillation = {};
  std::string sampler = {};       ///< sampling_named()
  std::string second_stage = {};  ///< "none", or "balanced": class-balance finetuning by cross-entropy alone
};

/// The names that SlotChoices::prediction may have, joined by commas.
std::string prediction_names();
/// The names that SlotChoices::distillation may have besides "none", joined by commas.
std::string distillation_names();

/// Fills the slots and says so in the description. The classification loss is a method's first prediction term; others
/// stay. Throws UsageError for unknown names.
void apply(const SlotChoices& choices, const MethodOptions& options, Method& method);

/// The rows of all options of all methods and slots, none twice.
std::vector<Option> all_options();

/// The rows of the options that the method of this name and the choices use, none twice. Throws UsageError for unknown
/// names.
std::vector<Option> options_in_use(const std::string& method, const SlotChoices& choices);

/// The methods and slots that use the option with this flag: "lwf*, lwm*, --distill joint". "lwf*" stands for several
/// methods, if all registered methods whose names begin with lwf use it.
std::string users_of(const std::string& flag);

/// Sets the option with this flag ("--lambda") from text. Throws UsageError for an unknown flag, or for text that is
/// not of the option's kind.
void set_option(MethodOptions& options, const std::string& flag, const std::string& text);
/// Sets an option from a number or a bool.
template <class Value>
void set_option(MethodOptions& options, const std::string& flag, Value value) {
  set_option(options, flag, fmt::format("{}", value));
}

/// The value of the option with this flag; null for an optional one that is not set. Throws UsageError for an unknown
/// flag.
nlohmann::json option_value(const MethodOptions& options, const std::string& flag);

/// A sentence for each of these flags that is an option of neither the method nor the choices, naming who uses it; one
/// sentence for a flag that is given twice.
std::vector<std::string> remarks_on_unused(const std::vector<std::string>& flags, const std::string& method,
                                           const SlotChoices& choices);

}  // namespace mneme
