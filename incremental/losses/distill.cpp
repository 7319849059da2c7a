#include "incremental/losses/distill.h"

#include "incremental/losses/primitives.h"

namespace mneme {
namespace {

class JointDistillation final : public LossTerm {
 public:
  explicit JointDistillation(const DistillOptions& options) : options_(options) {}
  bool active(const TaskContext& task) const override { return task.task > 0; }
  bool needs_teacher() const override { return true; }

  Tensor loss(const BatchView& batch) override {
    const Tensor old = slice_columns(batch.student.scores.logits, 0, batch.task.old_classes());
    const Tensor kd = distillation(old, batch.teacher->scores.logits, options_.temperature, options_.eps);
    return options_.squared ? scale(kd, options_.temperature * options_.temperature) : kd;
  }

 private:
  DistillOptions options_;
};

}  // namespace

TermPointer joint_distillation(const DistillOptions& options) { return std::make_shared<JointDistillation>(options); }

}  // namespace mneme
