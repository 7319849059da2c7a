// The CPU device's Winograd kernels compared with the reference device, for every instruction set that this machine can
// run.

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/cpu/isa.h"
#include "engine/cpu/winograd/winograd.h"
#include "engine/precision.h"
#include "tests/engine/cpu/conv_cases.h"

namespace mneme::test {
namespace {

constexpr ConvShape layer(int64_t n, int64_t c, int64_t h, int64_t w, int64_t k) { return {n, c, h, w, k, 3, 3, 1, 1}; }

const std::vector<ConvShape> winograd_shapes = {
    layer(3, 16, 32, 32, 16),  // the three stages of ResNet-32
    layer(5, 32, 16, 16, 32), layer(6, 64, 8, 8, 64),   layer(1, 16, 1, 1, 16),
    layer(2, 16, 3, 5, 32),   layer(1, 48, 4, 4, 16),  // one tile, a part of a tile, odd numbers of channel blocks
    layer(7, 16, 7, 9, 48),   layer(2, 32, 14, 14, 16), layer(1, 16, 6, 130, 16),  // tiles reach over edges, wide rows
    layer(9, 80, 5, 6, 32),   layer(2, 128, 7, 7, 64),  layer(1, 64, 9, 7, 160),   // several groups of input channels
    layer(1, 256, 4, 5, 256), layer(33, 16, 4, 4, 16),
};

class InstructionSet {
 public:
  explicit InstructionSet(const std::string& name) : before_(isa_in_use().name) { use_isa(name); }
  ~InstructionSet() { use_isa(before_); }

 private:
  std::string before_;
};

class ExactConvolutions {
 public:
  ExactConvolutions() { set_exact_convolutions(true); }
  ~ExactConvolutions() { set_exact_convolutions(false); }
};

TEST_CASE("Winograd convolution agrees with the reference in all three passes, for every instruction set") {
  for (const ConvShape& s : winograd_shapes) {
    REQUIRE(winograd::Convolution::fits(s));
    const ConvInputs in(s);
    const ConvResults exact = reference_results(s, in, DType::f64);
    for (const Isa& isa : usable_isas()) {
      const InstructionSet use(isa.name);
      CAPTURE(text(s));
      CAPTURE(isa.name);
      const ConvResults ours = cpu_results(s, in);
      CHECK(distance(ours.y, exact.y) < 1e-4);
      CHECK(distance(ours.dx, exact.dx) < 1e-4);
      CHECK(distance(ours.dw, exact.dw) < 1e-4);
    }
  }
}

TEST_CASE("Winograd convolution gives the same bits for 1, 2 and 4 threads") {
  for (const Isa& isa : usable_isas()) {
    const InstructionSet use(isa.name);
    for (const ConvShape& s : winograd_shapes) {
      const ConvInputs in(s);
      const auto compute = [&] { return cpu_results(s, in); };
      const ConvResults one = with_threads(1, compute);
      CAPTURE(text(s));
      CHECK((with_threads(2, compute) == one));
      CHECK((with_threads(4, compute) == one));
    }
  }
}

TEST_CASE("Winograd convolution gives the same bits with AVX-512 and with AVX2") {
  const std::vector<Isa> usable = usable_isas();
  const auto has = [&](const std::string& name) {
    return std::any_of(usable.begin(), usable.end(), [&](const Isa& isa) { return isa.name == name; });
  };
  if (!has("avx2")) return;
  const std::string wide = has("avx512") ? "avx512" : "avx2-by-16";
  for (const ConvShape& s : winograd_shapes) {
    const ConvInputs in(s);
    const auto with = [&](const std::string& name) {
      const InstructionSet use(name);
      return cpu_results(s, in);
    };
    CAPTURE(text(s));
    CHECK((with(wide) == with("avx2")));
  }
}

TEST_CASE("Winograd convolution takes and gives plain tensors too") {
  const ConvShape s = layer(2, 16, 7, 6, 32);
  const ConvInputs in(s);
  const TensorOptions plain{Device::cpu, DType::f32, Layout::plain};
  CHECK(distance(results(s, in, plain, plain), cpu_results(s, in)) == 0);
}

TEST_CASE("exact convolutions are the direct ones") {
  const ConvShape s = layer(2, 32, 8, 8, 32);
  const ConvInputs in(s);
  const ConvResults fast = cpu_results(s, in), exact = reference_results(s, in, DType::f64);
  const ExactConvolutions on;
  const ConvResults direct = cpu_results(s, in);
  CHECK(direct.y != fast.y);
  CHECK(distance(direct, exact) < 1e-6);
}

TEST_CASE("Winograd stays away from other strides, windows, borders and channel counts") {
  CHECK_FALSE(winograd::Convolution::fits({1, 16, 8, 8, 16, 3, 3, 2, 1}));
  CHECK_FALSE(winograd::Convolution::fits({1, 16, 8, 8, 16, 1, 1, 1, 0}));
  CHECK_FALSE(winograd::Convolution::fits({1, 16, 8, 8, 16, 3, 3, 1, 0}));
  CHECK_FALSE(winograd::Convolution::fits({1, 3, 8, 8, 16, 3, 3, 1, 1}));
  CHECK_FALSE(winograd::Convolution::fits({1, 16, 8, 8, 10, 3, 3, 1, 1}));
}

TEST_CASE("an instruction set this CPU lacks is refused by name") { CHECK_THROWS_AS(use_isa("avx1024"), UsageError); }

TEST_CASE("layer errors of Winograd and direct convolution beside each other") {
  std::string table;
  for (const ConvShape& s :
       {layer(16, 16, 32, 32, 16), layer(16, 32, 16, 16, 32), layer(16, 64, 8, 8, 64), layer(2, 256, 14, 14, 256)}) {
    const ConvInputs in(s);
    const ConvResults exact = reference_results(s, in, DType::f64), fast = cpu_results(s, in);
    const ExactConvolutions on;
    const ConvResults direct = cpu_results(s, in);
    table += fmt::format(
        "\n  {:>3} channels {:>2}x{:<2}  forward {:.1e} (direct {:.1e})  data {:.1e} ({:.1e})  weights {:.1e} ({:.1e})",
        s.c, s.h, s.w, distance(fast.y, exact.y), distance(direct.y, exact.y), distance(fast.dx, exact.dx),
        distance(direct.dx, exact.dx), distance(fast.dw, exact.dw), distance(direct.dw, exact.dw));
    CHECK(distance(fast, exact) < 1e-4);
    CHECK(distance(direct, exact) < 1e-5);
  }
  MESSAGE("largest error over largest value:", table);
}

}  // namespace
}  // namespace mneme::test
