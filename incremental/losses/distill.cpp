#include "incremental/losses/distill.h"

#include "incremental/losses/primitives.h"

namespace mneme {
namespace {

/// What all distillation terms share: they compare with the old model, from the second task on.
class Distillation : public LossTerm {
 public:
  bool active(const TaskContext& task) const override { return task.task > 0; }
  bool needs_teacher() const override { return true; }
};

Tensor softened(const Tensor& student, const Tensor& teacher, const DistillOptions& o) {
  const Tensor kd = distillation(student, teacher, o.temperature, o.eps);
  return o.squared ? scale(kd, o.temperature * o.temperature) : kd;
}

class JointDistillation final : public Distillation {
 public:
  explicit JointDistillation(const DistillOptions& options) : options_(options) {}

  Tensor loss(const BatchView& batch) override {
    const Tensor old = slice_columns(batch.student.scores.logits, 0, batch.task.old_classes());
    return softened(old, batch.teacher->scores.logits, options_);
  }

 private:
  DistillOptions options_;
};

/// A sum over the old tasks of a comparison of their logits.
class PerTaskDistillation : public Distillation {
 public:
  Tensor loss(const BatchView& batch) override {
    Tensor total;
    for (int i = 0; i < batch.task.task; ++i) {
      const int begin = batch.task.offset(i), end = batch.task.offset(i + 1);
      const Tensor part = of_task(slice_columns(batch.student.scores.logits, begin, end),
                                  slice_columns(batch.teacher->scores.logits, begin, end));
      total = total ? add(total, part) : part;
    }
    return total;
  }

 private:
  virtual Tensor of_task(const Tensor& student, const Tensor& teacher) const = 0;
};

class SeparatedDistillation final : public PerTaskDistillation {
 public:
  explicit SeparatedDistillation(const DistillOptions& options) : options_(options) {}

 private:
  Tensor of_task(const Tensor& student, const Tensor& teacher) const override {
    return softened(student, teacher, options_);
  }
  DistillOptions options_;
};

class BinaryDistillation final : public PerTaskDistillation {
  Tensor of_task(const Tensor& student, const Tensor& teacher) const override {
    return binary_distillation(student, teacher);
  }
};

}  // namespace

TermPointer joint_distillation(const DistillOptions& options) { return std::make_shared<JointDistillation>(options); }

TermPointer separated_distillation(const DistillOptions& options) {
  return std::make_shared<SeparatedDistillation>(options);
}
TermPointer binary_distillation_per_task() { return std::make_shared<BinaryDistillation>(); }

}  // namespace mneme
