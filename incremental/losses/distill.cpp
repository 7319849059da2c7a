#include "incremental/losses/distill.h"

#include "incremental/losses/primitives.h"

namespace mneme {
namespace {

Tensor softened(const Tensor& student, const Tensor& teacher, const DistillOptions& o) {
  MNEME_CHECK(!o.relative || o.eps == 0, "a divergence knows no smoothing, got eps {}", o.eps);
  const Tensor kd =
      o.relative ? divergence(student, teacher, o.temperature) : distillation(student, teacher, o.temperature, o.eps);
  return o.squared ? scale(kd, o.temperature * o.temperature) : kd;
}

class JointDistillation final : public TeacherTerm {
 public:
  explicit JointDistillation(const DistillOptions& options) : options_(options) {}

  Tensor loss(const BatchView& batch) override {
    const Tensor old_logits = slice_columns(batch.student.scores.logits, 0, batch.task.old_classes());
    return softened(old_logits, batch.teacher->scores.logits, options_);
  }

 private:
  DistillOptions options_;
};

/// The sum, over the old tasks, of a loss between the student's and the teacher's logits of that task.
class PerTaskDistillation : public TeacherTerm {
 public:
  Tensor loss(const BatchView& batch) override {
    Tensor total;
    for (int i = 0; i < heads_of(batch.task); ++i) {
      const int begin = batch.task.offset(i), end = batch.task.offset(i + 1);
      const Tensor part = of_task(slice_columns(batch.student.scores.logits, begin, end),
                                  slice_columns(batch.teacher->scores.logits, begin, end));
      total = total ? add(total, part) : part;
    }
    return total;
  }

 private:
  virtual int heads_of(const TaskContext& task) const { return task.task; }
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

class BinarySoftmaxDistillation final : public PerTaskDistillation {
 public:
  BinarySoftmaxDistillation(double temperature, int skipped) : temperature_(temperature), skipped_(skipped) {}
  bool active(const TaskContext& task) const override { return heads_of(task) > 0; }

 private:
  int heads_of(const TaskContext& task) const override { return task.task - skipped_; }
  Tensor of_task(const Tensor& student, const Tensor& teacher) const override {
    return binary_distillation_of_softmax(student, teacher, temperature_);
  }
  double temperature_;
  int skipped_;
};

class BinaryDistillationOfAll final : public TeacherTerm {
 public:
  Tensor loss(const BatchView& batch) override {
    const int old_classes = batch.task.old_classes();
    return scale(
        binary_distillation(slice_columns(batch.student.scores.logits, 0, old_classes), batch.teacher->scores.logits),
        old_classes);
  }
};

class LogitDistillation final : public TeacherTerm {
 public:
  Tensor loss(const BatchView& batch) override {
    const int old_classes = batch.task.old_classes();
    return scale(
        squared_distance(slice_columns(batch.student.scores.logits, 0, old_classes), batch.teacher->scores.logits),
        1.0 / old_classes);
  }
};

class NewestHeadDistillation final : public LossTerm {
 public:
  explicit NewestHeadDistillation(const DistillOptions& options) : options_(options) {}
  bool needs_stage_start() const override { return true; }
  Tensor loss(const BatchView& batch) override {
    const int begin = batch.task.old_classes(), end = batch.task.classes();
    return softened(slice_columns(batch.student.scores.logits, begin, end),
                    slice_columns(batch.stage_start->scores.logits, begin, end), options_);
  }

 private:
  DistillOptions options_;
};

Tensor centred(const Tensor& logits, bool over_batch) {
  const Shape shape = over_batch ? Shape{1, logits.dim(1)} : Shape{logits.dim(0), 1};
  const double count = static_cast<double>(over_batch ? logits.dim(0) : logits.dim(1));
  return sub(logits, scale(sum_to_size(logits, shape), 1 / count));
}

class DoubleDistillation final : public TeacherTerm {
 public:
  explicit DoubleDistillation(bool over_batch) : over_batch_(over_batch) {}
  bool needs_stage_start() const override { return true; }
  Tensor loss(const BatchView& batch) override {
    const int old_classes = batch.task.old_classes(), all = batch.task.classes();
    const Tensor new_logits = slice_columns(batch.stage_start->scores.logits, old_classes, all);
    const Tensor target =
        concat_columns({centred(batch.teacher->scores.logits, over_batch_), centred(new_logits, over_batch_)});
    return scale(squared_distance(batch.student.scores.logits, target), 1.0 / all);
  }

 private:
  bool over_batch_;
};

}  // namespace

TermPointer joint_distillation(const DistillOptions& options) { return std::make_shared<JointDistillation>(options); }

TermPointer separated_distillation(const DistillOptions& options) {
  return std::make_shared<SeparatedDistillation>(options);
}
TermPointer binary_distillation_per_task() { return std::make_shared<BinaryDistillation>(); }
TermPointer binary_distillation_of_all() { return std::make_shared<BinaryDistillationOfAll>(); }
TermPointer logit_distillation() { return std::make_shared<LogitDistillation>(); }
TermPointer binary_softmax_distillation(double temperature, int skipped) {
  return std::make_shared<BinarySoftmaxDistillation>(temperature, skipped);
}

TermPointer newest_head_distillation(const DistillOptions& options) {
  return std::make_shared<NewestHeadDistillation>(options);
}
TermPointer double_distillation(bool centred_over_batch) {
  return std::make_shared<DoubleDistillation>(centred_over_batch);
}

}  // namespace mneme
