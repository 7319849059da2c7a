#pragma once
// Loss terms over the new images of a batch, or over its exemplars (the images of old classes), alone.

#include "incremental/losses/term.h"

namespace mneme {

/// Cross-entropy over all classes seen: the mean over the batch's new images; 0 without such images.
TermPointer cross_entropy_of_new_images();

/// Cross-entropy over all classes seen: the mean over the batch's exemplars; 0 without exemplars. It acts from the
/// second task on.
TermPointer cross_entropy_of_exemplars();

/// mean over the batch's exemplars of mean_j (z_j - zh_j)^2, j over the old classes, zh the teacher's logits; 0 without
/// exemplars. Buzzega et al., "Dark Experience for General Continual Learning", NeurIPS 2020, the second term of eq. 6.
/// The squares are averaged over the classes, as in the authors' code.
TermPointer logit_distillation_of_exemplars();

}  // namespace mneme
