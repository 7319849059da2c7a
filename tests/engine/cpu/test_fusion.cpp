// What the CPU's Winograd kernels do for neighbouring operations: apply affine maps while an image is loaded, form sums
// over outputs, and complete the gradient of an input while it is written. The results are compared with those of
// separate steps, for every instruction set that this machine can run.

#include <doctest/doctest.h>

#include "engine/cpu/isa.h"
#include "engine/deferred.h"
#include "engine/ops.h"
#include "engine/profiler.h"
#include "tests/engine/cpu/conv_cases.h"

namespace mneme::test {
namespace {

const ConvShape shapes[] = {{3, 16, 32, 32, 16, 3, 3, 1, 1}, {5, 32, 16, 16, 32, 3, 3, 1, 1},
                            {6, 64, 8, 8, 64, 3, 3, 1, 1},   {2, 16, 7, 5, 48, 3, 3, 1, 1},
                            {1, 32, 1, 1, 16, 3, 3, 1, 1},   {33, 16, 9, 13, 16, 3, 3, 1, 1}};

Tensor image(const Shape& shape, uint32_t draw) {
  return Tensor::from(normal_values(shape.elements(), draw), shape, {Device::cpu, DType::f32, Layout::blocked});
}

/// A deferred affine map of one or two images, and the same with its numbers computed.
struct Affine {
  ChannelAffine affine;
  Affine(const Shape& shape, bool two, bool relu)
      : affine{image(shape, 4), two ? image(shape, 5) : Tensor{},
               Tensor::from(normal_values(3 * shape[1], 6), {3, shape[1]}, {Device::cpu, DType::f32, Layout::plain}),
               relu} {}
  Tensor waiting() const { return deferred(affine); }
  ChannelAffine of(const Tensor& x) const { return {x, affine.x2, affine.coefficients, affine.relu}; }
  Tensor computed() const {
    const Tensor t = deferred(affine);
    return t.clone();
  }
};

struct Layer {
  const ConvShape& s;
  Tensor w = Tensor::from(normal_values(s.k * s.c * 9, 2), {s.k, s.c, 3, 3}, {Device::cpu, DType::f32, Layout::plain});
  Shape x_shape{s.n, s.c, s.h, s.w}, y_shape{s.n, s.k, s.h, s.w};

  Tensor forward(const Tensor& x) const {
    Tensor y = Tensor::empty(y_shape, x.options());
    backend(Device::cpu).conv2d_recorded(s, x, w, y);
    return y;
  }
  /// The deferred output, as in inference.
  Tensor later(const Tensor& x) const { return backend(Device::cpu).conv2d_unrecorded(s, x, w); }
  ConvGradients backward(const Tensor& x, const Tensor& dy, const Tensor& waiting) const {
    return backend(Device::cpu).conv2d_backward(s, x, w, dy, true, true, waiting);
  }
  /// dx without what the convolution does for neighbouring operations.
  Tensor bare_dx(const Tensor& dy) const {
    Tensor dx = Tensor::empty(x_shape, dy.options());
    backend(Device::cpu).conv2d_dx(s, w, dy, dx);
    return dx;
  }
};

std::vector<double> doubles(const Tensor& t) {
  const double* from = doubles_in(t);
  return {from, from + t.dim(0) * t.dim(1)};
}

/// sum[k, c] is the sum over images and pixels of factors[k] * g.
std::vector<double> channel_products(const Tensor& g, const std::vector<Tensor>& factors) {
  const int64_t channels = g.dim(1), pixels = g.dim(2) * g.dim(3);
  const std::vector<double> value = g.values();
  std::vector<double> sums;
  for (const Tensor& factor : factors) {
    const std::vector<double> other = factor ? factor.values() : std::vector<double>(value.size(), 1.0);
    std::vector<double> row(static_cast<size_t>(channels), 0.0);
    for (size_t i = 0; i < value.size(); ++i)
      row[i / static_cast<size_t>(pixels) % static_cast<size_t>(channels)] += value[i] * other[i];
    sums.insert(sums.end(), row.begin(), row.end());
  }
  return sums;
}

template <class Check>
void for_each_layer(const Check& check) {
  const std::string before = isa_in_use().name;
  for (const Isa& isa : usable_isas()) {
    use_isa(isa.name);
    for (const ConvShape& s : shapes) {
      CAPTURE(isa.name);
      CAPTURE(text(s));
      check(Layer{s});
    }
  }
  use_isa(before);
}

TEST_CASE("a convolution follows its input's affine map while it loads, and its border stays zero") {
  for_each_layer([](const Layer& layer) {
    for (const bool relu : {false, true}) {
      const Affine r(layer.x_shape, false, relu);
      const Tensor x = r.waiting();
      CHECK(distance(layer.forward(x).values(), layer.forward(r.computed()).values()) < 1e-5);
      CHECK(pending(x) != nullptr);
    }
    const Affine sum(layer.x_shape, true, true);
    CHECK(distance(layer.forward(sum.waiting()).values(), layer.forward(sum.computed()).values()) < 1e-5);
  });
}

TEST_CASE("a convolution's moments are those of its output") {
  for_each_layer([](const Layer& layer) {
    const Tensor y = layer.forward(image(layer.x_shape, 1));
    const Tensor& moments = y.state()->storage->fused_statistics.moments;
    REQUIRE(moments.defined());
    const std::vector<double> found = doubles(moments), exact = channel_products(y, {Tensor{}, y});
    const std::vector<double> squares(exact.begin() + layer.s.k, exact.end());
    CHECK(distance({found.begin() + layer.s.k, found.end()}, squares) < 1e-6);
    for (size_t k = 0; k < squares.size(); ++k)  // terms may cancel, so errors are relative to sqrt(count sum y^2)
      CHECK(std::abs(found[k] - exact[k]) < 1e-6 * std::sqrt(squares[k] * static_cast<double>(y.size() / layer.s.k)));
  });
}

TEST_CASE("moments keep the variance of a channel far from zero") {
  const ConvShape s{4, 16, 8, 8, 16, 3, 3, 1, 1};
  Layer layer{s};
  std::vector<float> one_tap(static_cast<size_t>(s.k * s.c * 9), 0.0f);
  for (int64_t k = 0; k < s.k; ++k) one_tap[static_cast<size_t>((k * s.c + k) * 9 + 4)] = 1;
  layer.w = Tensor::from(one_tap, {s.k, s.c, 3, 3}, {Device::cpu, DType::f32, Layout::plain});
  std::vector<float> values = normal_values(layer.x_shape.elements(), 1);
  for (float& v : values) v += 1000;
  const Tensor y = layer.forward(Tensor::from(values, layer.x_shape, {Device::cpu, DType::f32, Layout::blocked}));
  const std::vector<double> found = doubles(y.state()->storage->fused_statistics.moments),
                            exact = channel_products(y, {Tensor{}, y});
  const double count = static_cast<double>(y.size() / s.k);
  for (size_t k = 0; k < 16; ++k) {
    const auto variance = [&](const std::vector<double>& sums) {
      return sums[k + 16] / count - sums[k] / count * (sums[k] / count);
    };
    CHECK(variance(found) == doctest::Approx(variance(exact)).epsilon(1e-4).scale(0));
  }
}

TEST_CASE("an input's gradient leaves the convolution with what waited for it, masked and summed") {
  for_each_layer([](const Layer& layer) {
    const Affine dy(layer.y_shape, true, false);
    for (const bool two : {false, true})
      for (const bool computed : {false, true}) {
        const Affine made(layer.x_shape, two, true);
        const Tensor x = made.waiting(), waiting = computed ? Tensor{} : image(layer.x_shape, 7);
        if (computed) (void)x.raw();
        const Tensor given = dy.waiting();
        const ConvGradients fused = layer.backward(x, given, waiting);
        CHECK(pending(given) != nullptr);
        if (!computed && !two) CHECK(pending(x) != nullptr);

        const std::vector<double> bare = layer.bare_dx(dy.computed()).values(), y = made.computed().values(),
                                  more = waiting ? waiting.values() : std::vector<double>(bare.size(), 0.0);
        std::vector<double> expected(bare.size());
        for (size_t i = 0; i < bare.size(); ++i) expected[i] = y[i] > 0 ? bare[i] + more[i] : 0;
        CHECK(distance(fused.dx.values(), expected) < 1e-5);

        const FusedStatistics& found = fused.dx.state()->storage->fused_statistics;
        CHECK(found.masked_by.lock() == x.state()->storage);
        CHECK(found.z.lock() == made.affine.x.state()->storage);
        CHECK(found.z2.lock() == (two ? made.affine.x2.state()->storage : nullptr));
        std::vector<double> sums = doubles(found.products);
        if (!two) sums.resize(static_cast<size_t>(2 * layer.s.c));
        std::vector<Tensor> factors{Tensor{}, made.affine.x};
        if (two) factors.push_back(made.affine.x2);
        CHECK(distance(sums, channel_products(fused.dx, factors)) < 1e-5);

        Tensor dw = Tensor::empty(layer.w.shape(), layer.w.options());
        backend(Device::cpu).conv2d_dw(layer.s, made.computed(), dy.computed(), dw);
        CHECK(distance(fused.dw.values(), dw.values()) < 1e-5);
      }
  });
}

TEST_CASE("a convolution that waits follows the affine map for its output while it writes") {
  for_each_layer([](const Layer& layer) {
    const Tensor x = image(layer.x_shape, 1), y = layer.later(x), plain = layer.forward(x);
    for (const bool two : {false, true})
      for (const bool relu : {false, true}) {
        const Affine r(layer.y_shape, two, relu);
        const Tensor z = deferred(r.of(y)), expected = deferred(r.of(plain));
        CHECK(distance(z.values(), expected.values()) < 1e-6);
        CHECK(!has_numbers(y));
      }
    CHECK(y.values() == plain.values());
    CHECK(has_numbers(y));
  });
}

TEST_CASE("a convolution that waits gives what it would have given at once, and lets go of its input then") {
  for_each_layer([](const Layer& layer) {
    std::weak_ptr<Storage> read;
    std::vector<double> expected;
    Tensor w = layer.w.clone();
    const Tensor y = [&] {
      const Affine made(layer.x_shape, false, true);
      read = made.affine.x.state()->storage;
      expected = layer.forward(made.waiting()).values();
      return backend(Device::cpu).conv2d_unrecorded(layer.s, made.waiting(), w);
    }();
    CHECK(!read.expired());
    w.copy_from(Tensor::full(w.shape(), 7, w.options()));
    CHECK(y.values() == expected);
    CHECK(read.expired());
  });
}

TEST_CASE("a callback is told once of a convolution that waits, when it is done") {
  const ConvShape& s = shapes[0];
  const Layer layer{s};
  std::vector<std::string> heard;
  const OpCallbackGuard watch([&](const OpEvent& e) { heard.push_back(std::string(e.op) + " " + e.output.text()); });
  const NoGrad numbers_only;
  const Tensor y = conv2d(image(layer.x_shape, 1), layer.w, {1, 1});
  CHECK(heard.empty());
  (void)y.raw();
  CHECK(heard == std::vector<std::string>{"conv2d " + layer.y_shape.text()});
}

TEST_CASE("fused convolutions give the same bits for 1, 2 and 4 threads") {
  for_each_layer([](const Layer& layer) {
    const auto compute = [&] {
      const Affine made(layer.x_shape, false, true), dy(layer.y_shape, true, false);
      const Tensor x = made.waiting(), y = layer.forward(x);
      const ConvGradients g = layer.backward(x, dy.waiting(), image(layer.x_shape, 7));
      const Tensor late = deferred(Affine(layer.y_shape, true, true).of(layer.later(x)));
      return std::vector<std::vector<double>>{
          late.values(), y.values(),    doubles(y.state()->storage->fused_statistics.moments),
          g.dx.values(), g.dw.values(), doubles(g.dx.state()->storage->fused_statistics.products)};
    };
    const auto one = with_threads(1, compute);
    CHECK((with_threads(2, compute) == one));
    CHECK((with_threads(4, compute) == one));
  });
}

}  // namespace
}  // namespace mneme::test
