#include "incremental/models/pretrained.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "data/files/checksum.h"
#include "data/files/whole_number.h"
#include "engine/base/error.h"
#include "incremental/models/merged_heads.h"
#include "incremental/models/model_file.h"

namespace mneme {
namespace {

constexpr size_t id_length = 12, most_named = 4;
constexpr std::string_view first_head = "heads.0.";

bool is_of_head(const std::string& name) {
  return name.starts_with("fc.") || name.starts_with("heads.") || name.starts_with("correction.") || name == "scale";
}

/// The tensors of a model of ours, with everything multiplied in that has no place in a plain network.
NamedTensors plain_tensors(const ModelContent& model, const std::string& name) {
  const ModelInfo& info = model.info;
  const bool linear = info.classifier == ClassifierKind::linear || info.classifier == ClassifierKind::corrected;
  return network_tensors(linear && !info.merged_heads ? with_merged_heads(model, name).tensors : model.tensors);
}

/// The task to which a tensor of a head belongs; -1 for fc, nothing for other tensors.
std::optional<int> task_of_head(const std::string& name) {
  constexpr std::string_view prefix = "heads.";
  if (name.starts_with("fc.")) return -1;
  if (!name.starts_with(prefix)) return {};
  const std::string_view rest = std::string_view(name).substr(prefix.size());
  return whole_number<int>(rest.substr(0, rest.find('.')));
}

/// Tensors with the same columns as one: their rows one after the other.
Tensor stacked(const std::map<int, Tensor>& parts, const std::string& fault) {
  std::vector<double> values;
  int64_t rows = 0;
  for (const auto& [task, part] : parts) {
    const std::vector<double> own = part.values();
    values.insert(values.end(), own.begin(), own.end());
    rows += part.rank() > 0 ? part.dim(0) : 0;
  }
  Shape shape = parts.begin()->second.shape();
  if (shape.rank() > 0) shape.set(0, rows);
  MNEME_CHECK(shape.elements() == std::ssize(values), "{}", fault);
  return Tensor::from(values, shape, {Device::reference, DType::f32, Layout::plain});
}

/// The heads of several tasks, or fc, as the only head.
NamedTensors as_first_head(const NamedTensors& tensors, const std::string& file) {
  NamedTensors joined;
  std::map<std::string, std::map<int, Tensor>> parts;  // "weight" and "bias" by task
  for (const auto& [name, tensor] : tensors) {
    if (const std::optional<int> task = task_of_head(name))
      parts[name.substr(name.rfind('.') + 1)].emplace(*task, tensor);
    else
      joined.emplace_back(name, tensor);
  }
  for (const auto& [what, of_tasks] : parts)
    joined.emplace_back(
        std::string(first_head) + what,
        stacked(of_tasks, fmt::format("{}: the heads of its tasks differ in the width of their {}", file, what)));
  return joined;
}

void check_types(const NamedTensors& tensors, const std::string& file) {
  for (const auto& [name, tensor] : tensors)
    MNEME_CHECK(tensor.dtype() == DType::f32 || tensor.dtype() == DType::f64,
                "{}: '{}' holds whole numbers and no weights; leave it out when the file is saved", file, name);
}

std::string id_of(const NamedTensors& weights) {
  Sha256 sum;
  for (const auto& [name, tensor] : std::map(weights.begin(), weights.end())) {
    const std::vector<float> numbers = tensor.floats();
    sum.add(name).add(tensor.shape().text());
    sum.add({reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)});
  }
  return sum.hex().substr(0, id_length);
}

/// The number of layers with weights, by which residual networks are named: convolutions outside of shortcuts, and the
/// last layer.
int layers_of(const NamedTensors& weights) {
  return 1 + static_cast<int>(std::ranges::count_if(weights, [](const auto& named) {
           return named.second.rank() == 4 && named.first.ends_with(".weight") &&
                  named.first.find("downsample.") == std::string::npos;
         }));
}

/// What does not fit, by kinds.
class Misfits {
 public:
  void add(const char* kind, const std::string& phrase) { of_kind_[kind].push_back(phrase); }
  /// One phrase with a few names of each kind; empty if everything fits.
  std::string text() const {
    std::vector<std::string> kinds;
    for (const auto& [kind, all] : of_kind_) {
      const std::vector<std::string> few(all.begin(),
                                         all.begin() + std::min<std::ptrdiff_t>(std::ssize(all), most_named));
      kinds.push_back(fmt::format("{} {}", kind, fmt::join(few, ", ")));
      if (all.size() > few.size()) kinds.back() += fmt::format(" and {} more", all.size() - few.size());
    }
    return fmt::format("{}", fmt::join(kinds, "; "));
  }

 private:
  std::map<std::string, std::vector<std::string>> of_kind_;
};

/// Whose weights these are, if they do not fit `network`.
std::string whose(const NamedTensors& weights, const std::string& network) {
  const std::string theirs = fmt::format("resnet{}", layers_of(weights));
  if (theirs == network) return "do not fit this run's " + network;
  const std::vector<std::string> known = network_names();
  const bool helps = std::ranges::find(known, theirs) != known.end();
  return fmt::format("have as many layers as {}, and this run's network is {}{}", theirs, network,
                     helps ? fmt::format("; give --network {}, or another file", theirs) : "");
}

bool may_be_missing(const std::string& name, bool keeps_head) {
  if (name.ends_with(".kernel_scale") || name.starts_with("correction.")) return true;
  return is_of_head(name) && !(keeps_head && (name.starts_with(first_head) || name == "scale"));
}

}  // namespace

std::shared_ptr<const Pretrained> read_pretrained(const std::filesystem::path& file, bool keep_head) {
  auto pretrained = std::make_shared<Pretrained>();
  pretrained->file = file.string();
  pretrained->keeps_head = keep_head;
  SafetensorsFile content = read_safetensors(file);
  NamedTensors tensors = std::move(content.tensors);
  if (content.metadata.contains(model_entry)) {
    const ModelContent model = read_model(file);
    pretrained->info = model.info;
    tensors = plain_tensors(model, pretrained->file);
  }
  // PyTorch's batch norms count their batches; no code here needs the count
  std::erase_if(tensors, [](const auto& named) { return named.first.ends_with("num_batches_tracked"); });
  if (!keep_head) std::erase_if(tensors, [](const auto& named) { return is_of_head(named.first); });
  check_types(tensors, pretrained->file);
  check_finite(tensors, pretrained->file);
  pretrained->weights = as_first_head(tensors, pretrained->file);
  pretrained->id = id_of(pretrained->weights);
  return pretrained;
}

void check_fits(const Pretrained& pretrained, IncrementalNet& net, const std::string& network) {
  const std::string& file = pretrained.file;
  if (pretrained.info && pretrained.info->network.name != network)
    fail("--pretrained {}: is a model of {}, and this run's network is {}; give --network {}, or a file of {}", file,
         pretrained.info->network.name, network, pretrained.info->network.name, network);
  std::map<std::string, Tensor> left(pretrained.weights.begin(), pretrained.weights.end());
  Misfits misfits;
  net.each_state("", [&](const std::string& name, Tensor& tensor, StateKind) {
    const auto found = left.find(name);
    if (found == left.end()) {
      if (!may_be_missing(name, pretrained.keeps_head)) misfits.add("missing", name);
      return;
    }
    if (!(found->second.shape() == tensor.shape()))
      misfits.add("of another shape", fmt::format("{} ({} in the file, {} here)", name, found->second.shape().text(),
                                                  tensor.shape().text()));
    left.erase(found);
  });
  for (const auto& [name, tensor] : left) misfits.add("surplus", name);
  const std::string wrong = misfits.text();
  MNEME_CHECK(wrong.empty(), "--pretrained {}: these weights {}: {}", file, whose(pretrained.weights, network), wrong);
}

std::string remark_on(const Pretrained& pretrained, const ImageSetInfo& images) {
  std::string remark = fmt::format("The network begins with pretrained weights (id {}), their head {}", pretrained.id,
                                   pretrained.keeps_head ? "kept" : "dropped");
  if (!pretrained.info) return remark + ".";
  const ModelInfo& info = *pretrained.info;
  remark += fmt::format("; {} learned them from {}.", info.method, info.images.name);
  const Normalisation &theirs = info.images.normalisation, &ours = images.normalisation;
  if (theirs.mean != ours.mean || theirs.std != ours.std)
    remark += fmt::format(" Its images were normalised by mean [{}] and deviation [{}], and those of {} by others.",
                          fmt::join(theirs.mean, ", "), fmt::join(theirs.std, ", "), images.name);
  return remark;
}

}  // namespace mneme
