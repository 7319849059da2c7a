#pragma once
// Images, labels and names out of the pickled dictionaries in which image sets are distributed, and which users write
// anew with their own tools.

#include <string>
#include <string_view>
#include <vector>

#include "data/formats/pickle.h"

namespace mneme {

/// A dictionary with entries of known kinds; it may have others, which are passed over. All functions throw Error,
/// naming the pickle, for entries that are missing or of another kind: the message says what was found and what was
/// expected, and ends with `mend`, or with what to call in Python where the file is sound.
class PickledImages {
 public:
  /// `pickle` must outlive it.
  PickledImages(const Pickle& pickle, std::string mend);

  /// Whether the pickled dict has an entry under `key`.
  bool holds(std::string_view key) const;
  /// The pixels of an array of type uint8 and shape (N, 3 side side) or (N, 3, side, side), in C order, as one piece.
  std::string_view pixels(std::string_view key, int side) const;
  /// Whole numbers from 0 to `largest`: of a list, a tuple or a set of numbers (Python's or NumPy's), or of an array of
  /// any whole-number type, in whatever byte order, with one axis longer than 1 at most.
  std::vector<int> labels(std::string_view key, int largest) const;
  /// A list, a tuple or an array of strings.
  std::vector<std::string> names(std::string_view key) const;

 private:
  const PickleValue& entry(std::string_view key, const char* expected) const;
  /// The items of a list, a tuple or an array of objects; null for other values.
  const PickleValue* sequence(const PickleValue& value) const;
  [[noreturn]] void refuse(std::string_view key, const PickleValue& found, const char* expected) const;
  std::vector<int64_t> whole_numbers(std::string_view key) const;

  const Pickle& pickle_;
  std::string mend_;
};

}  // namespace mneme
