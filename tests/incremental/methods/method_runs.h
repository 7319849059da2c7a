#pragma once
// Observations of a method's run that tests share: which parameters change in which task, the stages that a run
// reports, and the loss of the first step.

#include "incremental/method/stage.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {

using Names = std::vector<std::string>;

/// The names of the classifier's parameters among `names`.
Names heads_among(const Names& names);
/// How many of `names` are parameters of the backbone, for a classifier whose only parameters are heads.
int64_t backbone_among(const Names& names);
/// The number of tensors in the backbone of tiny runs.
int64_t all_backbone_tensors();
/// The names among `names` that belong to heads, to BiC's corrections or to the scale.
Names without_backbone(const Names& names);

/// tiny_options() with a memory of `per_class` exemplars for each class.
ExperimentOptions with_memory(const std::string& method, int per_class);

double last_loss(const Finished& run);
/// The stages of all epochs of a run; successive epochs of one stage count once.
Names stages_reported(const Finished& run);
Names names_of(const std::vector<Stage>& stages);

/// The first step of the second task, with all images in one batch, fixed batch norm and no augmentation.
struct FirstStep {
  double loss = 0;
  Tensor logits, labels;  // for all images, by the network before the step
  std::vector<int64_t> counts;
};
FirstStep first_step(ExperimentOptions options);

}  // namespace mneme::test
