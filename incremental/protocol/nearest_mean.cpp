#include <algorithm>
#include <cmath>

#include "incremental/protocol/input_transform.h"
#include "incremental/protocol/prediction_rule.h"

namespace mneme {
namespace {

/// v / max(||v||, 1e-12)
std::vector<double> direction(std::vector<double> v) {
  double squares = 0;
  for (const double x : v) squares += x * x;
  const double length = std::max(std::sqrt(squares), 1e-12);
  for (double& x : v) x /= length;
  return v;
}

class NearestMean final : public PredictionRule {
 public:
  explicit NearestMean(const NearestMeanOptions& options) : options_(options) {}
  std::string name() const override { return "nearest-mean"; }
  bool needs_features() const override { return true; }

  void on_classes_added(IncrementalNet& net) override {
    size_ = net.backbone->feature_size();
    means_ = Tensor::zeros({net.classes(), size_}, {Device::reference, DType::f64, Layout::plain});
  }
  void each_state(const std::string& at, const Visit& visit) override {
    visit(join(at, "means"), means_, StateKind::buffer);
  }

  void end_task(const TaskEnd& end) override {
    const Subset& subset = options_.of_all_images ? end.trained_on : end.exemplars;
    std::vector<double> sums(static_cast<size_t>(means_.size()), 0.0);
    std::vector<double> counts(static_cast<size_t>(means_.dim(0)), 0.0);
    const OutputVisitor add = [&](size_t i, const ImageOutput& output) {
      const std::vector<double> g = direction({output.features.begin(), output.features.end()});
      const auto label = static_cast<size_t>(subset.labels[i]);
      for (size_t d = 0; d < g.size(); ++d) sums[label * g.size() + d] += g[d];
      ++counts[label];
    };
    for_each_output(end.net, end.images, subset.images, true, add, transform_of(end, options_.augmented));
    std::vector<double> means;
    for (size_t c = 0; c < counts.size(); ++c)
      for (const double x : mean_of(sums.begin() + static_cast<std::ptrdiff_t>(c) * size_, counts[c]))
        means.push_back(x);
    means_.copy_from(Tensor::from(means, means_.shape(), means_.options()));
  }

  ClassScores inside_task(const ImageOutput& output) const override {
    if (!knows_means()) return PredictionRule::inside_task(output);
    const std::vector<double> g = direction({output.features.begin(), output.features.end()});
    const double* mean = means_.data<double>();
    ClassScores scores;
    for (int64_t c = 0; c < means_.dim(0); ++c) {
      double squares = 0;
      for (const double x : g) squares += (x - *mean) * (x - *mean), ++mean;
      scores.push_back(static_cast<float>(-squares));
    }
    return scores;
  }

 private:
  std::vector<double> mean_of(std::vector<double>::const_iterator sum, double count) const {
    std::vector<double> mean(sum, sum + size_);
    if (options_.directions) return direction(std::move(mean));
    for (double& x : mean) x /= std::max(count, 1.0);
    return mean;
  }
  bool knows_means() const {
    const double* mean = means_.data<double>();
    return std::any_of(mean, mean + size_, [](double x) { return x != 0; });
  }

  NearestMeanOptions options_;
  Tensor means_;  // (classes, D); zero before the first task ends
  int64_t size_ = 0;
};

}  // namespace

RulePointer nearest_mean(const NearestMeanOptions& options) { return std::make_shared<NearestMean>(options); }

}  // namespace mneme
