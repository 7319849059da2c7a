#pragma once
// One row per loss of incremental/losses/ and per behaviour it has, as in Note [The table of operations]. The same
// names stand in tests/golden/make_losses.py.

#include "incremental/losses/term.h"
#include "tests/support/op_row.h"

namespace mneme::test {

const std::vector<OpRow>& loss_table();

/// Two old tasks of two classes and one, a new one of three: n_k = 20, 18, 20 exemplars and 500, 450, 500 images.
TaskContext third_task(bool with_exemplars, TensorOptions tensor_options);

/// A term's loss on logits alone. The teacher may be undefined.
Tensor term_loss(LossTerm& term, const TaskContext& task, const Tensor& logits, const Tensor& teacher_logits,
                 const Tensor& labels);
/// The same on whole answers; the teacher may be null.
Tensor term_loss(LossTerm& term, const TaskContext& task, const NetOutput& student, const NetOutput* teacher,
                 const Tensor& labels);

}  // namespace mneme::test
