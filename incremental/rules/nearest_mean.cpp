#include <algorithm>
#include <cmath>

#include "incremental/evaluate.h"
#include "incremental/predict.h"
#include "incremental/task_end.h"

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
  std::string name() const override { return "nearest-mean"; }
  bool needs_features() const override { return true; }

  void grow(IncrementalNet& net) override {
    size_ = net.backbone->feature_size();
    means_ = Tensor::zeros({net.classes(), size_}, {Device::reference, DType::f64, Layout::plain});
  }
  void each_state(const std::string& at, const Visit& visit) override {
    visit(join(at, "means"), means_, StateKind::buffer);
  }

  void end_task(const TaskEnd& end) override {
    std::vector<double> sums(static_cast<size_t>(means_.size()), 0.0);
    const Answers given = answers(end.net, end.images, end.exemplars.images, true);
    for (size_t i = 0; i < given.features.size(); ++i) {
      const std::vector<double> g = direction({given.features[i].begin(), given.features[i].end()});
      for (size_t d = 0; d < g.size(); ++d) sums[static_cast<size_t>(end.exemplars.labels[i]) * g.size() + d] += g[d];
    }
    std::vector<double> means;
    for (auto row = sums.begin(); row != sums.end(); row += size_)
      for (const double x : direction({row, row + size_})) means.push_back(x);
    means_.copy_from(Tensor::from(means, means_.shape(), means_.like()));
  }

  ClassScores inside_task(const Answer& answer) const override {
    if (!knows_means()) return PredictionRule::inside_task(answer);
    const std::vector<double> g = direction({answer.features.begin(), answer.features.end()});
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
  bool knows_means() const {
    const double* mean = means_.data<double>();
    return std::any_of(mean, mean + size_, [](double x) { return x != 0; });
  }

  Tensor means_;  // (classes, D), unit length; zero until known
  int64_t size_ = 0;
};

}  // namespace

RulePointer nearest_mean() { return std::make_shared<NearestMean>(); }

}  // namespace mneme
