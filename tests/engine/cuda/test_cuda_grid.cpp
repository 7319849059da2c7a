// The arithmetic of the GPU's kernels, run on the host thread by thread.

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "engine/cuda/grid.h"

namespace mneme::cuda {
namespace {

const ImageView views[] = {
    {2, 3, 35, 1},    // plain, odd sizes
    {3, 1, 49, 8},    // channels last
    {4, 1, 1, 20},    // channels last, one pixel
    {2, 2, 9, 16},    // blocked
    {5, 7, 64, 1},    // plain, pixels a power of two
    {1, 1, 300, 40},  // more channels than a block has columns
};

int64_t elements(const ImageView& v) { return v.images * v.channels() * v.pixels; }

/// The channel of every element by the definition in Note [Layout].
std::vector<int64_t> channels_of(const ImageView& v) {
  std::vector<int64_t> channels(static_cast<size_t>(elements(v)), -1);
  for (int64_t n = 0; n < v.images; ++n)
    for (int64_t c = 0; c < v.channels(); ++c)
      for (int64_t p = 0; p < v.pixels; ++p) channels[static_cast<size_t>(image_index(v, n, c, p))] = c;
  return channels;
}

TEST_CASE("walking by steps meets the channels that dividing finds, whatever the stride") {
  for (const ImageView& v : views) {
    const std::vector<int64_t> expected = channels_of(v);
    for (const int64_t stride : {1, 7, 32, 96, 256, 1000, 4096})
      for (const int64_t start : {int64_t{0}, int64_t{1}, stride - 1})
        for (PixelWalk at(v, start, stride); at.index() < elements(v); at.next(v)) {
          REQUIRE((at.index() - start) % stride == 0);
          REQUIRE(at.channel(v) == expected[static_cast<size_t>(at.index())]);
        }
  }
}

/// Does what channel_sums_of does with packs of P channels, one thread after another.
template <int K, class T, int P = 1, class F>
std::vector<double> sums_as_a_gpu_adds(const ImageView& image, const F& f) {
  const ImageView v{image.images, image.groups, image.pixels, image.lanes / P};
  const SumGrid grid = sum_grid(v);
  std::vector<double> sums(static_cast<size_t>(K * image.channels()));
  for (int64_t channel = 0; channel < v.channels(); ++channel)
    for (int64_t split = 0; split < grid.splits; ++split)
      for (int64_t row = 0; row < grid.rows; ++row) {
        double total[K][P] = {};
        add_share<K, P, T>(v, f, channel, split * grid.rows + row, int64_t{grid.splits} * grid.rows, total);
        for (int k = 0; k < K; ++k)
          for (int p = 0; p < P; ++p) sums[static_cast<size_t>(k * image.channels() + channel * P + p)] += total[k][p];
      }
  return sums;
}

/// A source of terms in which every element has a term of its own. It is read singly or four elements at a time.
struct OwnTerms {
  static constexpr int pack = 4;
  void operator()(int64_t i, int64_t c, double* term) const {
    term[0] = static_cast<double>(i % 1024), term[1] = static_cast<double>(c);
  }
  void several(int64_t i, int64_t c, double (&term)[2][pack]) const {
    for (int k = 0; k < pack; ++k) {
      double one[2];
      (*this)(i + k, c + k, one);
      term[0][k] = one[0], term[1][k] = one[1];
    }
  }
};

TEST_CASE("sums of packs of channels are those of each channel alone") {
  int compared = 0;
  for (const ImageView& v : views) {
    if (v.lanes % OwnTerms::pack != 0) continue;
    ++compared;
    CHECK(sums_as_a_gpu_adds<2, double, OwnTerms::pack>(v, OwnTerms{}) == sums_as_a_gpu_adds<2, double>(v, OwnTerms{}));
  }
  CHECK(compared > 0);
}

TEST_CASE("a channel's shares count each of its elements once") {
  for (const ImageView& v : views) {
    std::vector<int> visits(static_cast<size_t>(elements(v)), 0);
    const std::vector<int64_t> expected = channels_of(v);
    sums_as_a_gpu_adds<1, float>(v, [&](int64_t i, int64_t c, float* term) {
      term[0] = 0;
      ++visits.at(static_cast<size_t>(i));
      REQUIRE(c == expected[static_cast<size_t>(i)]);
    });
    CHECK(std::all_of(visits.begin(), visits.end(), [](int count) { return count == 1; }));
  }
}

TEST_CASE("the shares add up to the sums over each channel's elements") {
  for (const ImageView& v : views) {
    const auto term = [](int64_t i, int64_t c, double* out) {
      out[0] = std::sin(static_cast<double>(i)), out[1] = static_cast<double>(c + i % 3);
    };
    std::vector<double> expected(static_cast<size_t>(2 * v.channels()));
    const std::vector<int64_t> channels = channels_of(v);
    for (int64_t i = 0; i < elements(v); ++i) {
      const int64_t c = channels[static_cast<size_t>(i)];
      double terms[2];
      term(i, c, terms);
      for (int k = 0; k < 2; ++k) expected[static_cast<size_t>(k * v.channels() + c)] += terms[k];
    }
    const std::vector<double> got = sums_as_a_gpu_adds<2, double>(v, term);
    for (size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-12));
  }
}

TEST_CASE("sums of a million f32 terms keep seven digits, because doubles take over every 32 terms") {
  const ImageView v{1, 1, 1 << 20, 1};
  const std::vector<double> got = sums_as_a_gpu_adds<1, float>(v, [](int64_t, int64_t, float* out) { out[0] = 0.1f; });
  CHECK(got[0] == doctest::Approx(static_cast<double>(0.1f) * (1 << 20)).epsilon(1e-7));
}

TEST_CASE("how sums are cut fits a block of 256 threads and covers every channel") {
  for (const ImageView& v :
       {ImageView{128, 16, 1024, 1}, ImageView{128, 1, 1024, 16}, ImageView{128, 1, 64, 512}, ImageView{1, 1, 1, 3}}) {
    const SumGrid grid = sum_grid(v);
    CHECK(grid.columns * grid.rows == 256);
    CHECK(grid.columns * grid.tiles >= v.channels());
    CHECK(grid.splits >= 1);
    CHECK(std::has_single_bit(static_cast<unsigned>(grid.rows)));
  }
}

TEST_CASE("every index gets a thread, few indices are spread over the whole GPU, many reuse its threads") {
  for (const int64_t n : {1, 31, 128, 5000, 1 << 20, 1 << 30}) {
    const Grid grid = grid_for(n, 132);
    CHECK(grid.threads % 32 == 0);
    CHECK(grid.threads <= 256);
    CHECK(grid.blocks <= 132 * 8);
    CHECK(grid.blocks >= 1);
  }
  CHECK(grid_for(128, 132).threads == 32);
  CHECK(grid_for(128, 132).blocks == 4);
  CHECK(grid_for(1 << 20, 132).blocks == 132 * 8);
}

}  // namespace
}  // namespace mneme::cuda
