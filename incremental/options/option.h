#pragma once
// Note [Method options]
// A method, or a family of methods, keeps its options in a small struct of its own, and describes each of them by one
// row: the flag, the member, the help text and the range. Everything else follows from the rows: the flags of the
// programs, --help-method, --config, the range checks, and the settings in run.json, where the key is the flag's name
// with underscores. A method lists the rows that it uses (MethodInfo::options). A row that several methods use stands
// once, in shared_options.h, and is listed by each of them.
//
//   struct LwmOptions {
//     double attention_weight = 1;
//   };
//   constexpr Option attention_weight =
//       option<&LwmOptions::attention_weight>("--attention-weight", "gamma, the weight of ...", at_least(0));
//
// The method reads its options with options.get<LwmOptions>().attention_weight.

#include <any>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <typeindex>

#include "incremental/options/range.h"

namespace mneme {

/// The option structs of all methods, each found by its type. A struct that nobody changed has its default values.
class MethodOptions {
 public:
  /// The struct of this type, to change; it is stored here with its default values by the first call.
  template <class Struct>
  Struct& get() {
    std::any& place = structs_[typeid(Struct)];
    if (!place.has_value()) place = Struct{};
    return *std::any_cast<Struct>(&place);
  }
  /// The struct of this type, to read; the default values if nobody changed it.
  template <class Struct>
  const Struct& get() const {
    static const Struct defaults{};
    const auto found = structs_.find(typeid(Struct));
    return found == structs_.end() ? defaults : *std::any_cast<Struct>(&found->second);
  }

 private:
  std::map<std::type_index, std::any> structs_;
};

/// One row: an option of one or several methods.
struct Option {
  /// The type of the option's value.
  enum class Kind {
    real,    ///< a double, or an optional one
    whole,   ///< an int
    on_off,  ///< a bool
    text     ///< an enum, given by name
  };
  const char* flag;  ///< "--margin-weight"
  const char* help;  ///< one sentence without a full stop
  Range range;       ///< the numbers that the option may have
  Kind kind;         ///< the type of its value
  /// Sets the option from text. Throws UsageError for text that is not of this kind.
  void (*read)(const Option& row, MethodOptions& options, const std::string& text);
  /// The option's value; null for an optional one that is not set, where the method has a value of its own.
  nlohmann::json (*value)(const MethodOptions& options);

  /// The key in run.json: "margin_weight".
  std::string key() const;
  /// Throws UsageError, which names the flag, if the value lies outside the range.
  void check(const MethodOptions& options) const;
};

namespace option_values {

void read(const Option& row, const std::string& text, double& value);
void read(const Option& row, const std::string& text, int& value);
void read(const Option& row, const std::string& text, bool& value);
/// An enum is read by read_name(text, value) and written by name_of(value), which stand beside it in its namespace.
template <class Enum>
requires std::is_enum_v<Enum>
void read(const Option&, const std::string& text, Enum& value) { read_name(text, value); }
inline void read(const Option& row, const std::string& text, std::optional<double>& value) {
  read(row, text, value.emplace());
}

template <class Value>
nlohmann::json json_of(const Value& value) {
  if constexpr (std::is_enum_v<Value>)
    return name_of(value);
  else
    return value;
}
inline nlohmann::json json_of(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

constexpr Option::Kind kind_of(double) { return Option::Kind::real; }
constexpr Option::Kind kind_of(int) { return Option::Kind::whole; }
constexpr Option::Kind kind_of(bool) { return Option::Kind::on_off; }
template <class Enum>
requires std::is_enum_v<Enum>
constexpr Option::Kind kind_of(Enum) { return Option::Kind::text; }
constexpr Option::Kind kind_of(const std::optional<double>&) { return Option::Kind::real; }

template <class Struct, class Value>
Struct struct_of(Value Struct::*);
template <class Struct, class Value>
Value value_of(Value Struct::*);

}  // namespace option_values

/// The row of the option that `Member`, a pointer to a struct's member, holds.
template <auto Member>
constexpr Option option(const char* flag, const char* help, const Range& range = {}) {
  using Struct = decltype(option_values::struct_of(Member));
  using Value = decltype(option_values::value_of(Member));
  return {flag,
          help,
          range,
          option_values::kind_of(Value{}),
          [](const Option& row, MethodOptions& options, const std::string& text) {
            option_values::read(row, text, options.get<Struct>().*Member);
          },
          [](const MethodOptions& options) { return option_values::json_of(options.get<Struct>().*Member); }};
}

}  // namespace mneme
