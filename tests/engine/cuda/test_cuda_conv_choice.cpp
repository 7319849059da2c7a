#include <doctest/doctest.h>

#include "engine/cuda/conv_choice.h"

namespace mneme::cuda {
namespace {

constexpr ConvShape shape{128, 16, 32, 32, 16, 3, 3, 1, 1};

/// Restores the precision and related choices at the end of a test.
struct Restored {
  Precision before = precision();
  bool repeatable = deterministic();
  ~Restored() {
    set_precision(before);
    set_deterministic(repeatable);
    set_exact_convolutions(false);
  }
};

TEST_CASE("each of size, pass, precision, determinism and exactness leads to a plan of its own") {
  const Restored after;
  set_precision(Precision::tf32);
  set_deterministic(false);
  PlanCache<int> plans;
  int made = 0;
  const auto plan = [&](const ConvKey& key) { return plans.get(key, [&] { return ++made; }); };
  ConvShape strided = shape;
  strided.stride = 2;
  CHECK(plan(conv_key(ConvPass::forward, shape)) == 1);
  CHECK(plan(conv_key(ConvPass::data, shape)) == 2);
  CHECK(plan(conv_key(ConvPass::weights, shape)) == 3);
  CHECK(plan(conv_key(ConvPass::forward, strided)) == 4);
  set_precision(Precision::fp32);
  CHECK(plan(conv_key(ConvPass::forward, shape)) == 5);
  set_deterministic(true);
  CHECK(plan(conv_key(ConvPass::forward, shape)) == 6);
  set_exact_convolutions(true);
  CHECK(plan(conv_key(ConvPass::forward, shape)) == 7);
  CHECK(plans.size() == 7);
  set_precision(Precision::tf32), set_deterministic(false), set_exact_convolutions(false);
  CHECK(plan(conv_key(ConvPass::forward, shape)) == 1);
  CHECK(plans.size() == 7);
}

TEST_CASE("a plan that cannot be made is asked for again, not remembered as an empty one") {
  PlanCache<int> plans;
  const ConvKey key = conv_key(ConvPass::forward, shape);
  CHECK_THROWS_AS(plans.get(key, []() -> int { fail("not now"); }), Error);
  CHECK(plans.size() == 0);
  CHECK(plans.get(key, [] { return 4; }) == 4);
}

TEST_CASE("the bytes of a convolution are those of its three tensors") {
  const Restored after;
  set_precision(Precision::tf32);
  const double numbers = 128 * 16 * 32 * 32 * 2 + 16 * 16 * 9;
  CHECK(conv_key(ConvPass::weights, shape).bytes() == 4 * numbers);
  set_precision(Precision::bf16);
  CHECK(conv_key(ConvPass::forward, shape).bytes() == 2 * numbers);
}

TEST_CASE("channels lie last where input or output has a multiple of eight") {
  ConvShape s = shape;
  CHECK(conv_key(ConvPass::forward, s).layout == Layout::channels_last);
  s.c = 3;
  CHECK(conv_key(ConvPass::forward, s).layout == Layout::channels_last);
  s.k = 10;
  CHECK(conv_key(ConvPass::forward, s).layout == Layout::plain);
  s.c = 24;
  CHECK(conv_key(ConvPass::weights, s).layout == Layout::channels_last);
}

TEST_CASE("an algorithm is refused for what its notes say, and only where that matters") {
  ConvKey tf32 = conv_key(ConvPass::forward, shape);
  tf32.precision = Precision::tf32;
  tf32.deterministic = false;
  ConvKey fp32 = tf32, repeatable = tf32, exact = tf32;
  fp32.precision = Precision::fp32;
  repeatable.deterministic = exact.exact = true;

  CHECK(acceptable({}, tf32));
  CHECK(acceptable({.tensor_cores = true}, tf32));
  CHECK_FALSE(acceptable({.tensor_cores = true}, fp32));
  CHECK(acceptable({.unordered = true}, tf32));
  CHECK_FALSE(acceptable({.unordered = true}, repeatable));
  for (const AlgorithmNotes& notes : {AlgorithmNotes{.fourier = true}, AlgorithmNotes{.winograd = true}}) {
    CHECK(acceptable(notes, fp32));
    CHECK_FALSE(acceptable(notes, exact));
  }
  for (const ConvKey& key : {tf32, fp32, repeatable, exact}) {
    CHECK_FALSE(acceptable({.rounds_inputs = true}, key));
    CHECK_FALSE(acceptable({.reduced_sums = true}, key));
  }
}

TEST_CASE("the fastest wins, those that cannot run are passed over, and the first wins a tie") {
  const std::optional<double> times[] = {{}, 3.0, 1.5, {}, 1.5, 2.0};
  const auto time = [&](size_t i) { return times[i]; };
  CHECK(fastest(6, time) == 2);
  CHECK(fastest(2, time) == 1);
  CHECK_FALSE(fastest(1, time));
  CHECK_FALSE(fastest(0, time));
}

TEST_CASE("a key reads as a sentence in errors") {
  const Restored after;
  set_precision(Precision::tf32);
  set_deterministic(true);
  CHECK(conv_key(ConvPass::data, shape).text() ==
        "data gradient x (128, 16, 32, 32) w (16, 16, 3, 3) stride 1 pad 1, channels last, tf32, deterministic");
}

TEST_CASE("with bf16 a convolution's tensors are bf16, otherwise f32") {
  const Restored after;
  for (const Precision precision : {Precision::fp32, Precision::tf32, Precision::bf16}) {
    set_precision(precision);
    const DType type = conv_key(ConvPass::forward, shape).type();
    CHECK(type == (precision == Precision::bf16 ? DType::bf16 : DType::f32));
  }
}

TEST_CASE("unknown precisions are met with the known ones") {
  CHECK(precision_named("tf32") == Precision::tf32);
  CHECK_THROWS_WITH_AS(precision_named("tf23"),
                       "unknown precision 'tf23'; did you mean 'tf32'? Known: fp32, tf32, bf16", UsageError);
}

}  // namespace
}  // namespace mneme::cuda
