#include "incremental/regularisers/penalties.h"

#include <cmath>

#include "engine/ops.h"
#include "incremental/regularisers/parameter_ops.h"

namespace mneme {
namespace {

class SquarePenalty final : public Regulariser {
 public:
  SquarePenalty(std::string ending, double strength) : ending_(std::move(ending)), strength_(strength) {}
  bool active(const TaskContext&) const override { return true; }
  std::string steps_differ_by() const override { return ""; }

  void begin_stage(const TaskContext&, const ParameterBlock& block) override {
    held_.clear();
    for (const std::string& name : block.names())
      if (name.ends_with(ending_)) held_.push_back(name);
  }

  Tensor penalty(const ParameterBlock& block) override {
    NoGrad numbers_only;
    Tensor total;
    for (const std::string& name : held_) {
      const Tensor squares = sum(square(block.stretch_of({name}).values));
      total = total ? add(total, squares) : squares;
    }
    return total ? scale(total, strength_ / 2) : total;
  }

  void add_gradient(const ParameterBlock& block) override {
    NoGrad numbers_only;
    for (const std::string& name : held_) {
      const ParameterBlock::Stretch one = block.stretch_of({name});
      add_in_place(one.gradients, scale(one.values, strength_));
    }
  }

 private:
  std::string ending_;
  double strength_;
  std::vector<std::string> held_;
};

class GradientNoise final : public Regulariser {
 public:
  explicit GradientNoise(const NoiseOptions& options) : options_(options) {}
  bool active(const TaskContext&) const override { return true; }
  std::string steps_differ_by() const override { return "each draws noise of its own"; }

  void before_update(const ParameterBlock& block, const StepPlace& at, const Tensor& factor) override {
    const double size = options_.scale / std::pow(1.0 + at.epoch, options_.decay);
    add_normal(block.gradients(), (options_.as_released ? size : std::sqrt(size)) / factor.item(), at.seed,
               {static_cast<uint32_t>(at.task), static_cast<uint32_t>(at.epoch), static_cast<uint32_t>(at.step)});
  }

 private:
  NoiseOptions options_;
};

}  // namespace

RegulariserPointer square_penalty(const std::string& name_ending, double strength) {
  return std::make_shared<SquarePenalty>(name_ending, strength);
}
RegulariserPointer gradient_noise(const NoiseOptions& options) { return std::make_shared<GradientNoise>(options); }

}  // namespace mneme
