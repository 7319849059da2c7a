#pragma once
// Images, labels and names out of the pickled dictionaries in which image sets are distributed.

#include <string>
#include <string_view>
#include <vector>

#include "data/files/pickle.h"

namespace mneme {

/// A dictionary with entries of known kinds. All functions throw Error, naming the pickle and ending with `mend`, for
/// entries that are missing or of another kind.
class PickledImages {
 public:
  PickledImages(const Pickle& pickle, std::string mend);

  bool holds(std::string_view key) const;
  /// (N, image_bytes) of an array of that shape, as one piece.
  std::string_view pixels(std::string_view key, int image_bytes) const;
  /// A list of integers from 0 to `largest`.
  std::vector<int> labels(std::string_view key, int largest) const;
  /// A list of strings.
  std::vector<std::string> names(std::string_view key) const;

 private:
  const PickleValue& entry(std::string_view key, PickleValue::Kind kind, const char* what) const;

  const Pickle& pickle_;
  std::string mend_;
};

}  // namespace mneme
