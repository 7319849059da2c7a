#include "engine/cuda/convolutions.h"

#include <algorithm>
#include <limits>

#include "engine/base/choice_log.h"
#include "engine/base/work_count.h"
#include "engine/capture.h"
#include "engine/cuda/event.h"

namespace mneme::cuda {
namespace {

constexpr size_t most_tried = 12, workspace_limit = size_t{1} << 30;
constexpr uintptr_t alignment = 16;

bool aligned(const Tensor& t) { return reinterpret_cast<uintptr_t>(t.raw()) % alignment == 0; }

/// The numbers in the layout that the plan takes, and aligned. A view into a parameter block need not be aligned.
Tensor operand(const Tensor& given, const ConvKey& key) {
  MNEME_CHECK(given.device() == Device::cuda && given.dtype() == key.type(),
              "a convolution on cuda in {} needs {} tensors there, got {} {}", name_of(key.precision),
              name_of(key.type()), name_of(given.device()), name_of(given.dtype()));
  const Tensor t = given.to(key.layout);
  return aligned(t) ? t : t.clone();
}

/// Memory where a plan can write a result; deliver() copies it to its destination if that is another place.
class Result {
 public:
  Result(Tensor& result, const ConvKey& key) : result_(result), place_(result) {
    if (result.layout() != key.layout || result.dtype() != key.type() || !aligned(result))
      place_ = Tensor::empty(result.shape(), {Device::cuda, key.type(), key.layout});
  }
  void* raw() const { return place_.raw(); }
  void deliver() {
    if (place_.raw() != result_.raw()) result_.copy_from(place_);
  }

 private:
  Tensor& result_;
  Tensor place_;
};

}  // namespace

Convolutions::Convolutions() { CUDA_CHECK(cudnnSetStream(handle_, gpu().stream())); }

void Convolutions::forward(const ConvShape& shape, const Tensor& x_any, const Tensor& w_any, Tensor& y_any) {
  const ConvKey key = conv_key(ConvPass::forward, shape);
  const Tensor x = operand(x_any, key), w = operand(w_any, key);
  Result y(y_any, key);
  run(key, {x.raw(), w.raw(), y.raw()});
  y.deliver();
}

void Convolutions::data_gradient(const ConvShape& shape, const Tensor& w_any, const Tensor& dy_any, Tensor& dx_any) {
  const ConvKey key = conv_key(ConvPass::data, shape);
  const Tensor w = operand(w_any, key), dy = operand(dy_any, key);
  Result dx(dx_any, key);
  run(key, {dx.raw(), w.raw(), dy.raw()});
  dx.deliver();
}

void Convolutions::weight_gradient(const ConvShape& shape, const Tensor& x_any, const Tensor& dy_any, Tensor& dw_any) {
  const ConvKey key = conv_key(ConvPass::weights, shape);
  const Tensor x = operand(x_any, key), dy = operand(dy_any, key);
  Result dw(dw_any, key);
  run(key, {x.raw(), dw.raw(), dy.raw()});
  dw.deliver();
}

void Convolutions::run(const ConvKey& key, const Places& places) {
  const ConvPlan& plan = plans_.get(key, [&] { return choose(key, places); });
  count_work("convolution", key.bytes());
  execute(plan, places);
}

/// The result's memory is overwritten while plans are tried, and by the real run afterwards. With `deterministic` the
/// first plan that runs is taken, so that the choice is the same every time; otherwise the fastest.
ConvPlan Convolutions::choose(const ConvKey& key, const Places& places) {
  refuse_in_capture(gpu().captures(), "chooses how to compute a convolution");
  const std::vector<ConvPlan> plans = conv_plans(key, {handle_, {}}, most_tried, workspace_limit);
  std::string refusal;
  std::vector<std::optional<double>> took(plans.size());
  const auto time = [&](size_t i) { return took[i] = milliseconds(plans[i], places, refusal); };
  const auto best = key.deterministic ? first_with_time(plans.size(), time) : fastest(plans.size(), time);
  MNEME_CHECK(best, "cuDNN {} has no way to compute this convolution ({} plans, none runs{}{}): {}", cudnnGetVersion(),
              plans.size(), refusal.empty() ? "" : "; the last says: ", refusal, key.text());
  note_choice(fmt::format("{}: {}, {:.3f} ms", key.text(), plans[*best].name(), *took[*best]));
  return plans[*best];
}

/// The workspace may be reused as soon as the plan is queued, because later work is queued behind the plan.
void Convolutions::execute(const ConvPlan& plan, const Places& places) {
  const Buffer workspace(Device::cuda, plan.workspace_bytes());
  plan.run(handle_, places.x, places.w, places.y, workspace.data());
}

/// The best of three runs after a first one that loads the kernel. None if cuDNN refuses, whose reason then is in
/// `refusal`. An error that the GPU cannot get over is thrown: no other plan would run either.
std::optional<double> Convolutions::milliseconds(const ConvPlan& plan, const Places& places, std::string& refusal) try {
  execute(plan, places);
  Event start(Event::Kind::time), end(Event::Kind::time);
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 3; ++i) {
    start.record();
    execute(plan, places);
    end.record();
    end.wait();
    least = std::min(least, end.milliseconds_since(start));
  }
  return least;
} catch (const Error& error) {
  if (cudaStreamSynchronize(gpu().stream()) != cudaSuccess) throw;
  refusal = error.what();
  return {};
}

}  // namespace mneme::cuda
