#include "engine/ops.h"
#include "incremental/regularisers/gradient_pass.h"
#include "incremental/regularisers/importance_penalty.h"
#include "incremental/regularisers/parameter_ops.h"

namespace mneme {
namespace {

class SensitivityPenalty final : public ImportancePenalty {
 public:
  explicit SensitivityPenalty(const ImportanceOptions& options)
      : ImportancePenalty(options.strength), options_(options) {}

 private:
  void update_importance(const TaskEnd& end, const Tensor& now) override {
    const Tensor sizes = Tensor::zeros(now.shape(), now.options());
    const bool length = options_.as_released;  // otherwise the squared length
    const int64_t images = each_gradient(
        end, options_,
        [&](const Tensor& logits, const Tensor&, int64_t) {
          const Tensor squares = sum_last(square(logits));
          return mean(length ? sqrt(squares) : squares);
        },
        [&](const Tensor& gradient, int64_t count) { add_sizes(sizes, gradient, static_cast<double>(count)); });
    NoGrad numbers_only;
    fuse(importance_, scale(sizes, 1 / static_cast<double>(images)), options_.alpha, end.task);
  }
  ImportanceOptions options_;
};

}  // namespace

RegulariserPointer sensitivity_penalty(const ImportanceOptions& options) {
  return std::make_shared<SensitivityPenalty>(options);
}

}  // namespace mneme
