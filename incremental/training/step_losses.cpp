#include "incremental/training/step_losses.h"

#include <utility>

#include "engine/device.h"

namespace mneme {
namespace {

constexpr int64_t at_a_time = 64;
constexpr std::chrono::milliseconds longest_silence{200};

}  // namespace

StepLosses::StepLosses(TensorOptions tensor_options, int64_t numbers)
    : numbers_(numbers), runs_behind_(backend(tensor_options.device).runs_behind()) {
  values_ = Tensor::zeros({(runs_behind_ ? at_a_time : 1) * numbers}, tensor_options);
}

void StepLosses::add(const Known& step, const Tensor& numbers) {
  Tensor place = Tensor::view(values_, std::ssize(waiting_) * numbers_, numbers.shape());
  place.copy_from(numbers);
  waiting_.push_back(step);
}

bool StepLosses::due() const {
  return std::ssize(waiting_) * numbers_ == values_.size() ||
         std::chrono::steady_clock::now() - fetched_ > longest_silence;
}

std::vector<StepLosses::Known> StepLosses::fetch() {
  std::vector<Known> known = std::exchange(waiting_, {});
  if (known.empty()) return known;
  const std::vector<double> values = values_.values();
  for (size_t i = 0; i < known.size(); ++i) {
    const auto begin = values.begin() + static_cast<int64_t>(i) * numbers_;
    known[i].numbers.assign(begin, begin + numbers_);
  }
  fetched_ = std::chrono::steady_clock::now();
  return known;
}

}  // namespace mneme
