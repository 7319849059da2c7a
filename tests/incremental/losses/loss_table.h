#pragma once
// One row per loss of incremental/losses/ and per behaviour of it, as in Note [The table of operations].
// tests/golden/make_losses.py uses the same names.

#include "incremental/losses/term.h"
#include "tests/support/op_row.h"

namespace mneme::test {

const std::vector<OpRow>& loss_table();

/// Two old tasks with two classes and one class, and a new task with three: n_k = 20, 18, 20 exemplars and 500, 450,
/// 500 images.
TaskContext third_task(bool with_exemplars, TensorOptions tensor_options);

/// The loss of a term that reads only logits. The teacher may be undefined.
Tensor term_loss(LossTerm& term, const TaskContext& task, const Tensor& logits, const Tensor& teacher_logits,
                 const Tensor& labels);
/// The loss of a term for complete network outputs. The teacher may be null.
Tensor term_loss(LossTerm& term, const TaskContext& task, const NetOutput& student, const NetOutput* teacher,
                 const Tensor& labels);

}  // namespace mneme::test
