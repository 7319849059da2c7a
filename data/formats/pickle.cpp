#include "data/formats/pickle.h"

#include <fmt/ranges.h>

#include <cassert>

#include "data/files/file_kind.h"
#include "data/formats/pickle_machine.h"
#include "engine/base/error.h"

namespace mneme {

using Kind = PickleValue::Kind;

Pickle::Pickle(std::string bytes, std::string name) : bytes_(std::move(bytes)), name_(std::move(name)) {
  if (!bytes_.starts_with('\x80'))
    refuse_other_kinds(bytes_, name_, "a Python pickle");  // protocols 0 and 1 have no mark
  PickleMachine(*this).run();
}

std::span<const PickleValue> Pickle::items(const PickleValue& container) const {
  assert(container.kind == Kind::list || container.kind == Kind::tuple || container.kind == Kind::dict);
  return containers_[static_cast<size_t>(container.integer)];
}

const PickleArray& Pickle::array(const PickleValue& value) const {
  assert(value.kind == Kind::array);
  return arrays_[static_cast<size_t>(value.integer)];
}

const PickleValue* Pickle::find(const PickleValue& dict, std::string_view key) const {
  const std::span<const PickleValue> pairs = items(dict);
  for (size_t i = pairs.size(); i > 0; i -= 2)  // a later key replaces an earlier one
    if (pairs[i - 2].is_string() && pairs[i - 2].string == key) return &pairs[i - 1];
  return nullptr;
}

std::string Pickle::described(const PickleValue& value) const {
  switch (value.kind) {
    case Kind::none: return "None";
    case Kind::boolean: return value.integer != 0 ? "True" : "False";
    case Kind::integer: return fmt::format("the number {}", value.integer);
    case Kind::real: return "a floating-point number";
    case Kind::bytes: return "a byte string";
    case Kind::text: return "a text";
    case Kind::list: return fmt::format("a list of {}", items(value).size());
    case Kind::tuple: return fmt::format("a tuple of {}", items(value).size());
    case Kind::dict: return fmt::format("a dictionary of {}", items(value).size() / 2);
    case Kind::array:
      return fmt::format("an array of type '{}' and shape ({})", array(value).type.name,
                         fmt::join(array(value).shape, ", "));
    case Kind::dtype: return "a type of arrays";
    case Kind::global: break;
  }
  return "a Python object";
}

}  // namespace mneme
