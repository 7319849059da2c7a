#include "apps/command_line/names_elsewhere.h"

#include <algorithm>
#include <utility>

namespace mneme {
namespace {

/// FACIL's names (src/main_incremental.py and the approaches), then PyCIL's keys, mammoth's and Avalanche's flags.
constexpr std::pair<std::string_view, std::string_view> names[] = {
    {"--approach", "--method"},
    {"--datasets", "--data"},
    {"--num-tasks", "--tasks"},
    {"--nc-first-task", "--base-classes"},
    {"--nepochs", "--epochs"},
    {"--num-exemplars", "--memory-total"},
    {"--num-exemplars-per-class", "--memory-per-class"},
    {"--exemplar-selection", "--selection"},
    {"--gridsearch-tasks", "--grid-search-tasks"},
    {"--stop-at-task", "--stop-after"},
    {"--clipping", "--clip-norm"},
    {"--lamb", "--lambda"},
    {"--T", "--temperature"},
    {"--gpu", "--device"},
    {"--results-path", "--out"},
    {"--exp-name", "--out"},
    {"--warmup-nepochs", "--warmup-epochs"},
    {"--model-name", "--method"},
    {"--convnet-type", "--network"},
    {"--init-cls", "--base-classes"},
    {"--memory-size", "--memory-total"},
    {"--model", "--method"},
    {"--dataset", "--data"},
    {"--n-epochs", "--epochs"},
    {"--buffer-size", "--memory-total"},
    {"--mem-size", "--memory-total"},
    {"--backbone", "--network"},
    {"--wd", "--weight-decay"},
    {"--optim-wd", "--weight-decay"},
    {"--optim-mom", "--momentum"},
};

}  // namespace

std::string_view our_name(std::string flag) {
  std::ranges::replace(flag, '_', '-');
  const auto* const found = std::ranges::find(names, flag, &std::pair<std::string_view, std::string_view>::first);
  return found == std::end(names) ? std::string_view() : found->second;
}

}  // namespace mneme
