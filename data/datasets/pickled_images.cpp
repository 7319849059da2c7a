#include "data/datasets/pickled_images.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "engine/base/error.h"

namespace mneme {

using Kind = PickleValue::Kind;

PickledImages::PickledImages(const Pickle& pickle, std::string mend) : pickle_(pickle), mend_(std::move(mend)) {
  MNEME_CHECK(pickle.root().kind == Kind::dict, "{}: the pickle is no dictionary, but {}; {}", pickle.name(),
              pickle.described(pickle.root()), mend_);
}

bool PickledImages::holds(std::string_view key) const { return pickle_.find(pickle_.root(), key); }

const PickleValue& PickledImages::entry(std::string_view key, const char* expected) const {
  if (const PickleValue* value = pickle_.find(pickle_.root(), key)) return *value;
  std::vector<std::string_view> keys;
  const auto pairs = pickle_.items(pickle_.root());
  for (size_t i = 0; i < pairs.size() && keys.size() < 20; i += 2)
    if (pairs[i].is_string()) keys.push_back(pairs[i].string.substr(0, 40));
  fail("{}: expected {} under '{}', found the keys [{}]; {}", pickle_.name(), expected, key, fmt::join(keys, ", "),
       mend_);
}

void PickledImages::refuse(std::string_view key, const PickleValue& found, const char* expected) const {
  fail("{}: expected {} under '{}', found {}; {}", pickle_.name(), expected, key, pickle_.described(found), mend_);
}

const PickleValue* PickledImages::sequence(const PickleValue& value) const {
  if (value.kind == Kind::list || value.kind == Kind::tuple) return &value;
  const bool holds_objects = value.kind == Kind::array && pickle_.array(value).objects.kind == Kind::list;
  return holds_objects ? &pickle_.array(value).objects : nullptr;
}

std::string_view PickledImages::pixels(std::string_view key, int side) const {
  const PickleValue& value = entry(key, "an array of images");
  if (value.kind != Kind::array) refuse(key, value, "an array of images");
  const PickleArray& array = pickle_.array(value);
  MNEME_CHECK(array.type.name == "u1",
              "{}: '{}' is {}; images are arrays of uint8 ('u1'): write it again with .astype(numpy.uint8)",
              pickle_.name(), key, pickle_.described(value));
  const std::vector<int64_t>& shape = array.shape;
  const bool flat = shape.size() == 2 && shape[1] == 3 * side * side;
  const bool planes = shape.size() == 4 && shape[1] == 3 && shape[2] == side && shape[3] == side;
  MNEME_CHECK(flat || planes, "{}: '{}' is {}, but should have shape (N, {}) or (N, 3, {}, {}); {}", pickle_.name(),
              key, pickle_.described(value), 3 * side * side, side, side, mend_);
  return array.bytes;
}

std::vector<int64_t> PickledImages::whole_numbers(std::string_view key) const {
  constexpr const char* expected = "a list or an array of whole numbers";
  const PickleValue& value = entry(key, expected);
  std::vector<int64_t> numbers;
  if (const PickleValue* list = sequence(value)) {
    for (const PickleValue& item : pickle_.items(*list)) {
      MNEME_CHECK(item.kind == Kind::integer, "{}: '{}' holds something that is no label at position {}: {}; {}",
                  pickle_.name(), key, numbers.size(), pickle_.described(item), mend_);
      numbers.push_back(item.integer);
    }
    return numbers;
  }
  if (value.kind != Kind::array) refuse(key, value, expected);
  const PickleArray& array = pickle_.array(value);
  const auto long_axes = std::ranges::count_if(array.shape, [](int64_t extent) { return extent != 1; });
  const bool is_whole = array.type.name.starts_with('i') || array.type.name.starts_with('u');
  MNEME_CHECK(is_whole && long_axes <= 1,
              "{}: '{}' is {}; labels are whole numbers along one axis: write them again with "
              ".reshape(-1).astype(numpy.int64)",
              pickle_.name(), key, pickle_.described(value));
  for (size_t at = 0; at < array.bytes.size(); at += array.type.bytes) {
    const auto number = whole_number_in(array.bytes.substr(at, array.type.bytes), array.type);
    numbers.push_back(number.value_or(-1));
  }
  return numbers;
}

std::vector<int> PickledImages::labels(std::string_view key, int largest) const {
  std::vector<int> labels;
  for (const int64_t number : whole_numbers(key)) {
    MNEME_CHECK(number >= 0 && number <= largest, "{}: '{}' holds {} at position {}, expected a label from 0 to {}; {}",
                pickle_.name(), key, number, labels.size(), largest, mend_);
    labels.push_back(static_cast<int>(number));
  }
  return labels;
}

std::vector<std::string> PickledImages::names(std::string_view key) const {
  constexpr const char* expected = "a list of names";
  const PickleValue& value = entry(key, expected);
  const PickleValue* list = sequence(value);
  if (!list) refuse(key, value, expected);
  std::vector<std::string> names;
  for (const PickleValue& name : pickle_.items(*list)) {
    MNEME_CHECK(name.is_string(), "{}: '{}' holds a name that is no string at position {}: {}; {}", pickle_.name(), key,
                names.size(), pickle_.described(name), mend_);
    names.emplace_back(name.string);
  }
  return names;
}

}  // namespace mneme
