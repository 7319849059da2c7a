// Runs the kernels with shared memory under ThreadSanitizer, with the threads of a block as threads of the operating
// system. This is a program of its own. `races` ends with status 0 if the sums are right and there is no data race;
// `races without-barrier` runs a kernel whose fault must be found.

#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "engine/cuda/kernels.cuh"

namespace {

using mneme::ImageView;
using namespace mneme::cuda;

struct Terms {
  const float* x;
  static constexpr int pack = 4;
  void operator()(int64_t i, int64_t, float* term) const { term[0] = x[i], term[1] = x[i] * x[i]; }
  void several(int64_t i, int64_t c, float (&term)[2][pack]) const {
    for (int k = 0; k < pack; ++k) {
      float one[2];
      (*this)(i + k, c + k, one);
      term[0][k] = one[0], term[1][k] = one[1];
    }
  }
};

struct Finish {
  const double* sums;
  double* result;
  int64_t channels;
  void operator()(int64_t c) const { result[c] = sums[c] + sums[channels + c]; }
};

/// The largest distance between the kernel's sums, of P channels by each thread, and those of a loop.
template <int P>
double error_of_sums(const ImageView& v, int splits) {
  const int64_t channels = v.channels(), count = v.images * channels * v.pixels;
  std::vector<float> x(static_cast<size_t>(count));
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(std::sin(static_cast<double>(i)));
  const ImageView by_pack{v.images, v.groups, v.pixels, v.lanes / P};
  SumGrid grid = sum_grid(by_pack);
  grid.splits = splits;
  std::vector<double> shares(static_cast<size_t>(splits * 2 * channels)), sums(static_cast<size_t>(2 * channels)),
      result(static_cast<size_t>(channels), NAN), expected(static_cast<size_t>(channels));
  std::vector<unsigned> arrived(static_cast<size_t>(grid.tiles), 0);
  const dim3 blocks(static_cast<unsigned>(grid.tiles), static_cast<unsigned>(splits)),
      threads(static_cast<unsigned>(grid.columns), static_cast<unsigned>(grid.rows));
  stand_in::run_grid("channel_sums", blocks, threads, shared_bytes_for_sums(2, P, grid), [&] {
    channel_sums_of<2, P, float>(by_pack, Terms{x.data()}, shares.data(), sums.data(), arrived.data(),
                                 Finish{sums.data(), result.data(), channels});
  });
  for (int64_t n = 0; n < v.images; ++n)
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t p = 0; p < v.pixels; ++p) {
        const auto value = static_cast<double>(x[static_cast<size_t>(mneme::image_index(v, n, c, p))]);
        expected[static_cast<size_t>(c)] += value + value * value;
      }
  double worst = 0;
  for (size_t c = 0; c < result.size(); ++c) worst = std::fmax(worst, std::fabs(result[c] - expected[c]));
  for (const unsigned count_left : arrived)
    if (count_left != 0) worst = INFINITY;
  return worst;
}

void sum_without_barrier() {
  static double table[64];
  stand_in::run_grid("without a barrier", 1, 64, 0, [] {
    const unsigned i = threadIdx.x;
    table[i] = i;
    if (i < 32) table[i] += table[i + 32];
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "without-barrier") == 0) {
    sum_without_barrier();
    return 0;
  }
  bool right = true;
  for (const ImageView& v : {ImageView{3, 1, 49, 8}, ImageView{2, 3, 35, 1}, ImageView{4, 1, 64, 40}})
    for (const int splits : {1, 3}) {
      const double worst = std::fmax(error_of_sums<1>(v, splits), v.lanes % 4 == 0 ? error_of_sums<4>(v, splits) : 0);
      std::printf("%lld channels in %d splits: off by %.1e at most\n", static_cast<long long>(v.channels()), splits,
                  worst);
      right = right && worst < 1e-3;
    }
  return right ? 0 : 1;
}
