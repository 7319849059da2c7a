#include "data/cifar100_layouts.h"
#include "data/file_bytes.h"
#include "data/pickle.h"
#include "engine/error.h"

namespace mneme::cifar100 {

using Kind = PickleValue::Kind;

namespace {

const PickleValue& entry(const Pickle& pickle, std::string_view key, Kind kind, const char* what) {
  MNEME_CHECK(pickle.root().kind == Kind::dict, "{}: the pickle is no dictionary; {}", pickle.name(), mend);
  const PickleValue* value = pickle.find(pickle.root(), key);
  MNEME_CHECK(value && value->kind == kind, "{}: expected {} under '{}'; {}", pickle.name(), what, key, mend);
  return *value;
}

std::vector<int> labels_of(const Pickle& pickle, std::string_view key) {
  std::vector<int> labels;
  for (const PickleValue& label : pickle.items(entry(pickle, key, Kind::list, "a list of labels"))) {
    MNEME_CHECK(label.kind == Kind::integer && label.integer >= 0 && label.integer < 256,
                "{}: '{}' holds something that is no label at position {}; {}", pickle.name(), key, labels.size(),
                mend);
    labels.push_back(static_cast<int>(label.integer));
  }
  return labels;
}

}  // namespace

Records read_python(const std::filesystem::path& file) { return parse_python(read_file(file), file); }

Records parse_python(std::string bytes, const std::filesystem::path& file) {
  const Pickle pickle(std::move(bytes), file.string());
  const PickleArray& data = pickle.array(entry(pickle, "data", Kind::array, "an array of images"));
  MNEME_CHECK(data.shape.size() == 2 && data.shape[1] == image_bytes, "{}: 'data' should have shape (N, {}); {}",
              file.string(), image_bytes, mend);
  Records out{file, {data.bytes.begin(), data.bytes.end()}, labels_of(pickle, "fine_labels"), {}};
  if (pickle.find(pickle.root(), "coarse_labels")) out.coarse = labels_of(pickle, "coarse_labels");
  const size_t count = static_cast<size_t>(data.shape[0]);
  MNEME_CHECK(out.fine.size() == count && (out.coarse.empty() || out.coarse.size() == count),
              "{}: {} images but {} fine and {} coarse labels; {}", file.string(), count, out.fine.size(),
              out.coarse.size(), mend);
  return out;
}

std::vector<std::string> python_class_names(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "meta";
  if (!std::filesystem::exists(file)) return class_names();
  const Pickle pickle(read_file(file), file.string());
  std::vector<std::string> names;
  for (const PickleValue& name : pickle.items(entry(pickle, "fine_label_names", Kind::list, "a list of names"))) {
    MNEME_CHECK(name.is_string(), "{}: class {} has a name that is no string; {}", file.string(), names.size(), mend);
    names.emplace_back(name.string);
  }
  return checked_names(file, std::move(names));
}

}  // namespace mneme::cifar100
