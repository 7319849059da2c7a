#include "incremental/models/predict.h"

#include <algorithm>
#include <numeric>

#include "data/batches/augment.h"
#include "data/images/resize.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "incremental/protocol/evaluate.h"
#include "incremental/protocol/saved_rule.h"

namespace mneme {
namespace {

/// The labels of the `top` highest scores, the highest first; of equal scores the smaller label.
std::vector<int> highest(const ClassScores& scores, int top) {
  std::vector<int> labels(scores.size());
  std::iota(labels.begin(), labels.end(), 0);
  const auto count = std::min(labels.size(), static_cast<size_t>(top));
  const auto better = [&](int a, int b) {
    const float x = scores[static_cast<size_t>(a)], y = scores[static_cast<size_t>(b)];
    return x > y || (x == y && a < b);
  };
  std::partial_sort(labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(count), labels.end(), better);
  labels.resize(count);
  return labels;
}

/// Decodes one file into `pixels`, (C H W). Returns why that is impossible, or an empty text.
std::string decode(const std::string& file, const ModelInfo& model, std::span<uint8_t> pixels) {
  try {
    const RawImage fitting = network_pixels(read_image_file(file), model);
    std::copy(fitting.pixels.begin(), fitting.pixels.end(), pixels.begin());
    return "";
  } catch (const std::exception& error) {
    const std::string why = error.what();
    return why.starts_with(file + ": ") ? why.substr(file.size() + 2) : why;
  }
}

class Predictor {
 public:
  Predictor(TrainedModel& model, Device device, int top)
      : model_(model), device_(device), top_(top), images_(model.info.images, device) {}

  /// Classifies a batch of files.
  std::vector<FilePrediction> batch(std::span<const std::string> files) {
    const size_t bytes = model_.info.images.image_bytes();
    std::vector<FilePrediction> found(files.size());
    std::vector<uint8_t> pixels(files.size() * bytes);
    parallel_chunks(static_cast<int64_t>(files.size()), 1, [&](int64_t i, int64_t) {
      const auto at = static_cast<size_t>(i);
      found[at] = {files[at], decode(files[at], model_.info, std::span(pixels).subspan(at * bytes, bytes))};
    });
    const auto count = static_cast<int64_t>(files.size());
    std::vector<int> all(files.size());
    std::iota(all.begin(), all.end(), 0);
    const Tensor on_device = Tensor::from(pixels, {count, static_cast<int64_t>(bytes)}, device_);
    const DeviceImages source = images_.holding(on_device);
    for_each_output(*model_.net, source, all, model_.rule->needs_features(),
                    [&](size_t i, const ImageOutput& output) { classify(output, found[i]); });
    return found;
  }

 private:
  void classify(const ImageOutput& output, FilePrediction& to) const {
    if (!to.fault.empty()) return;
    const ClassScores scores = model_.rule->among_all(output, model_.net->task_sizes);
    const std::vector<double> probabilities = probabilities_by(*model_.rule, scores);
    to.classes = highest(scores, top_);
    for (const int c : to.classes) to.probabilities.push_back(probabilities[static_cast<size_t>(c)]);
    to.logits.assign(output.logits.begin(), output.logits.end());
  }

  TrainedModel& model_;
  Device device_;
  int top_;
  DeviceImages images_;
};

}  // namespace

RawImage network_pixels(const RawImage& image, const ModelInfo& model) {
  const Extent size{model.images.height, model.images.width};
  if (model.short_side == 0 && image.height == size.height && image.width == size.width) return image;
  return resized_centre(image, model.short_side ? model.short_side : std::max(size.height, size.width), size);
}

void predict_files(TrainedModel& model, Device device, std::span<const std::string> files, int top,
                   const PredictionVisitor& visit) {
  Predictor predictor(model, device, top);
  for (size_t first = 0; first < files.size(); first += evaluation_batch_size) {
    const size_t count = std::min(files.size() - first, static_cast<size_t>(evaluation_batch_size));
    for (const FilePrediction& prediction : predictor.batch(files.subspan(first, count))) visit(prediction);
  }
}

}  // namespace mneme
