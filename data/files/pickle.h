#pragma once
// Reads the Python pickles in which image sets are distributed, as data only: dictionaries, lists, tuples, strings,
// integers and NumPy arrays. A pickle is a program that may call any Python function; this reader runs none. It knows
// the few calls NumPy arrays are written with, does what they would do itself, and refuses every other.

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// One value. Strings are views into the pickle's bytes; containers are looked up in their Pickle, so that nothing here
/// nests, copies or recurses, whatever the file says.
struct PickleValue {
  enum class Kind : uint8_t { none, boolean, integer, bytes, text, list, tuple, dict, array, dtype, global };
  Kind kind = Kind::none;
  int64_t integer = 0;      // boolean, integer: the value; container, array: its place in the Pickle
  std::string_view string;  // bytes, text: the content

  bool is_string() const { return kind == Kind::bytes || kind == Kind::text; }
};

/// A NumPy array in C order; bytes.size() is the product of shape times the bytes of an element.
struct PickleArray {
  std::vector<int64_t> shape;
  std::string_view bytes, type;  // type: NumPy's, without the byte order: "u1", "f8"
};

class Pickle {
 public:
  /// Parses protocols 2 to 5. `name` begins every error message. Throws Error for anything but plain data, for
  /// truncated and damaged files. Memory use is bounded by a small multiple of the input.
  Pickle(std::string bytes, std::string name);
  Pickle(const Pickle&) = delete;
  Pickle& operator=(const Pickle&) = delete;

  const PickleValue& root() const { return root_; }
  const std::string& name() const { return name_; }

  /// The items of a list or tuple; of a dict: key, value, key, value...
  std::span<const PickleValue> items(const PickleValue& container) const;
  const PickleArray& array(const PickleValue& value) const;

  /// The value under a bytes or text key of a dict, or nullptr.
  const PickleValue* find(const PickleValue& dict, std::string_view key) const;

 private:
  friend class PickleMachine;
  std::string bytes_, name_;
  std::deque<std::vector<PickleValue>> containers_;
  std::deque<PickleArray> arrays_;
  std::deque<std::string> encoded_;  // byte strings that Python 3 wrote as text
  PickleValue root_;
};

}  // namespace mneme
