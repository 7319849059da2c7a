// A class-incremental method of one's own, written outside Mneme's sources and run by the code of the program cifar100:
// every flag, checkpoint, report and preset of that program works for it.
//
//   own_method --method logit-matching --tasks 5              on generated images
//   own_method --data data-cache --method logit-matching --tasks 10 --epochs 30
//
// The method keeps what the old network answered: its loss adds the mean squared difference of old classes' logits,
//   L = L_cross-entropy + lambda mean_{b, j} (z_bj - zh_bj)^2,    j over the old classes,
// where zh are the logits of the network as it was before the task (Buzzega et al., "Dark Experience for General
// Continual Learning", NeurIPS 2020, eq. 4, with all images of the task in place of a buffer).

#include "apps/common/benchmark.h"
#include "apps/presets/cifar100_presets.h"
#include "data/datasets/cifar100.h"
#include "engine/ops.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/registry.h"
#include "incremental/options/shared_options.h"

using namespace mneme;

namespace {

/// A TeacherTerm acts from the second task on, and the trainer shows it what the old network answers to every batch.
class LogitMatching final : public TeacherTerm {
 public:
  Tensor loss(const BatchView& batch) override {
    const int old_classes = batch.task.old_classes();
    const Tensor student = slice_columns(batch.student.scores.logits, 0, old_classes);
    const Tensor teacher = slice_columns(batch.teacher->scores.logits, 0, old_classes);
    return mean(square(sub(student, teacher)));
  }
};

/// Fills the slots in which the method differs from the default; all others stay as they are.
Method logit_matching(const MethodOptions& options) {
  Method method;
  method.description = "Cross-entropy of the new classes and mean squared differences of the old classes' logits.";
  method.prediction = {{"cross-entropy", 1, current_cross_entropy()}};
  method.distillation = {
      {"logit matching", options.get<SharedOptions>().lambda.value_or(1), std::make_shared<LogitMatching>()}};
  return method;
}

OwnedDataset load(const std::filesystem::path& folder, const ImageFlags&) { return load_cifar100(folder); }

}  // namespace

int main(int argc, char** argv) {
  register_method({.name = "logit-matching",
                   .summary = "squared differences of old classes' logits (--lambda)",
                   .formula = "L = CE + lambda mean (z - zh)^2 over the old classes' logits",
                   .source = "Buzzega et al., NeurIPS 2020, eq. 4, with all images of the task in place of a buffer",
                   .options = {row::lambda},
                   .make = logit_matching});
  return run_benchmark({.name = "own_method",
                        .data_set = "CIFAR-100",
                        .examples = "Example:\n  own_method --method logit-matching --tasks 5 --out runs/own",
                        .load = load,
                        .presets = cifar100_presets},
                       {argv, argv + argc});
}
