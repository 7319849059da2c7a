#include "data/datasets/pickled_images.h"

#include "engine/base/error.h"

namespace mneme {

using Kind = PickleValue::Kind;

PickledImages::PickledImages(const Pickle& pickle, std::string mend) : pickle_(pickle), mend_(std::move(mend)) {
  MNEME_CHECK(pickle.root().kind == Kind::dict, "{}: the pickle is no dictionary; {}", pickle.name(), mend_);
}

bool PickledImages::holds(std::string_view key) const { return pickle_.find(pickle_.root(), key); }

const PickleValue& PickledImages::entry(std::string_view key, Kind kind, const char* what) const {
  const PickleValue* value = pickle_.find(pickle_.root(), key);
  MNEME_CHECK(value && value->kind == kind, "{}: expected {} under '{}'; {}", pickle_.name(), what, key, mend_);
  return *value;
}

std::string_view PickledImages::pixels(std::string_view key, int image_bytes) const {
  const PickleArray& array = pickle_.array(entry(key, Kind::array, "an array of images"));
  MNEME_CHECK(array.type == "u1", "{}: '{}' is an array of type '{}'; images are arrays of uint8 ('u1')",
              pickle_.name(), key, array.type);
  MNEME_CHECK(array.shape.size() == 2 && array.shape[1] == image_bytes, "{}: '{}' should have shape (N, {}); {}",
              pickle_.name(), key, image_bytes, mend_);
  return array.bytes;
}

std::vector<int> PickledImages::labels(std::string_view key, int largest) const {
  std::vector<int> labels;
  for (const PickleValue& label : pickle_.items(entry(key, Kind::list, "a list of labels"))) {
    MNEME_CHECK(label.kind == Kind::integer && label.integer >= 0 && label.integer <= largest,
                "{}: '{}' holds something that is no label at position {}; {}", pickle_.name(), key, labels.size(),
                mend_);
    labels.push_back(static_cast<int>(label.integer));
  }
  return labels;
}

std::vector<std::string> PickledImages::names(std::string_view key) const {
  std::vector<std::string> names;
  for (const PickleValue& name : pickle_.items(entry(key, Kind::list, "a list of names"))) {
    MNEME_CHECK(name.is_string(), "{}: '{}' holds a name that is no string at position {}; {}", pickle_.name(), key,
                names.size(), mend_);
    names.emplace_back(name.string);
  }
  return names;
}

}  // namespace mneme
