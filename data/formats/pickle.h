#pragma once
// Reads the Python pickles in which image sets are distributed, as data only: dictionaries, lists, tuples, sets,
// strings, numbers and NumPy arrays. A pickle is a program that may call any Python function; this reader runs none. It
// knows the few calls with which plain data and NumPy arrays are written, does what they would do itself, and refuses
// every other.

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/formats/pickle_text.h"

namespace mneme {

/// One value. Strings are views into the pickle's bytes; containers are looked up in their Pickle, so that nothing here
/// nests, copies or recurses, whatever the file says. A `real` is a floating-point number, whose value is not kept.
struct PickleValue {
  /// What a value is. A set counts as a list; a `dtype` or `global` is a NumPy type or a callable, by its number.
  enum class Kind : uint8_t { none, boolean, integer, real, bytes, text, list, tuple, dict, array, dtype, global };
  Kind kind = Kind::none;   ///< what this value is
  int64_t integer = 0;      ///< boolean, integer: the value; container, array: its place in the Pickle
  std::string_view string;  ///< bytes, text: the content

  /// Whether this value is a byte string or a text.
  bool is_string() const { return kind == Kind::bytes || kind == Kind::text; }
};

/// A NumPy array in C order. bytes.size() is the product of shape times the bytes of an element. An array of Python
/// objects has no bytes; its elements are the items of `objects`, in C order.
struct PickleArray {
  std::vector<int64_t> shape = {};  ///< the extent of each axis
  std::string_view bytes = {};      ///< the elements; empty for an array of objects
  ElementType type = {};            ///< the type of each element
  PickleValue objects = {};         ///< the list of the elements of an array of objects; otherwise of kind `none`
};

class Pickle {
 public:
  /// Parses protocols 0 to 5. `name` begins every error message. Throws Error for anything but plain data, for
  /// truncated and damaged files, and for files of another kind, which the message names. Memory use is bounded by a
  /// small multiple of the input. Source: the comments of Python's pickletools.
  Pickle(std::string bytes, std::string name);
  Pickle(const Pickle&) = delete;
  Pickle& operator=(const Pickle&) = delete;

  const PickleValue& root() const { return root_; }
  const std::string& name() const { return name_; }

  /// The items of a list, set or tuple; of a dict: key, value, key, value...
  std::span<const PickleValue> items(const PickleValue& container) const;
  /// The array that a value of kind `array` is.
  const PickleArray& array(const PickleValue& value) const;

  /// The value under a bytes or text key of a dict, or nullptr.
  const PickleValue* find(const PickleValue& dict, std::string_view key) const;

  /// For messages: "a list of 3", "an array of type 'f8' and shape (3, 3072)".
  std::string described(const PickleValue& value) const;

 private:
  friend class PickleMachine;
  std::string bytes_, name_;
  std::deque<std::vector<PickleValue>> containers_;
  std::deque<PickleArray> arrays_;
  std::deque<std::string> decoded_;  // strings and arrays that stand otherwise in the file
  PickleValue root_;
};

}  // namespace mneme
