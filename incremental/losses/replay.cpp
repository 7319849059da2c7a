#include "incremental/losses/replay.h"

#include "engine/choose.h"
#include "engine/ops.h"

namespace mneme {
namespace {

enum class Images { new_ones, exemplars };

/// The mean of values (N, 1) over these images of the batch; 0 if it has none of them.
Tensor mean_over(Images images, const Tensor& values, const BatchView& batch) {
  Tensor chosen = marks_below(batch.labels, batch.task.old_classes(), values.options());
  if (images == Images::new_ones) chosen = add_scalar(scale(chosen, -1), 1);
  return div(sum(mul(values, chosen)), clamp_min(sum(chosen), 1));
}

class PartialCrossEntropy final : public LossTerm {
 public:
  explicit PartialCrossEntropy(Images images) : images_(images) {}
  bool active(const TaskContext& task) const override { return images_ == Images::new_ones || task.task > 0; }
  bool is_cross_entropy(const TaskContext& task) const override { return task.task == 0; }
  Tensor loss(const BatchView& batch) override {
    return mean_over(images_, softmax_cross_entropy(batch.student.scores.logits, batch.labels), batch);
  }

 private:
  Images images_;
};

class LogitDistillationOfExemplars final : public TeacherTerm {
 public:
  Tensor loss(const BatchView& batch) override {
    const int old_classes = batch.task.old_classes();
    const Tensor student = slice_columns(batch.student.scores.logits, 0, old_classes);
    const Tensor squares = square(sub(student, batch.teacher->scores.logits));
    return mean_over(Images::exemplars, scale(sum_last(squares), 1.0 / old_classes), batch);
  }
};

}  // namespace

TermPointer cross_entropy_of_new_images() { return std::make_shared<PartialCrossEntropy>(Images::new_ones); }
TermPointer cross_entropy_of_exemplars() { return std::make_shared<PartialCrossEntropy>(Images::exemplars); }
TermPointer logit_distillation_of_exemplars() { return std::make_shared<LogitDistillationOfExemplars>(); }

}  // namespace mneme
