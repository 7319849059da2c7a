// Convolution and matrix products without oneDNN. The matrix product works on blocks. A convolution is a matrix product
// with the windows of each image laid out as columns (im2col).

#include <array>
#include <cstring>
#include <vector>

#include "engine/cpu/chunks.h"
#include "engine/cpu/direct.h"
#include "engine/cpu/scratch.h"

namespace mneme::direct {
namespace {

/// A matrix in memory: element (i, j) is at data[i row + j column].
struct Matrix {
  const float* data;
  int64_t row, column;
};

constexpr int64_t tile_rows = 6, tile_columns = 16, depth = 256, panel_columns = 512;

Scratch& scratch(int which) {
  thread_local std::array<Scratch, 3> mine;
  return mine[static_cast<size_t>(which)];
}

/// Copies `count` lines of `length` elements, so that the elements of `width` neighbouring lines lie together for each
/// position along the length. Missing lines become zeros.
void pack(const float* from, int64_t line, int64_t along, int64_t count, int64_t length, int64_t width, float* to) {
  for (int64_t first = 0; first < count; first += width)
    for (int64_t i = 0; i < length; ++i)
      for (int64_t j = 0; j < width; ++j) *to++ = first + j < count ? from[(first + j) * line + i * along] : 0;
}

/// Adds packed a times packed b to one tile of c, at most 6 x 16.
void tile(const float* a, const float* b, int64_t steps, float* c, int64_t c_row, int64_t rows, int64_t columns) {
  float sum[tile_rows][tile_columns] = {};
  for (int64_t l = 0; l < steps; ++l)
    for (int64_t i = 0; i < tile_rows; ++i)
      for (int64_t j = 0; j < tile_columns; ++j) sum[i][j] += a[l * tile_rows + i] * b[l * tile_columns + j];
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) c[i * c_row + j] += sum[i][j];
}

/// c (m, n) += a (m, k) b (k, n), in the calling thread; the rows of c are n apart.
void add_product(int64_t m, int64_t n, int64_t k, Matrix a, Matrix b, float* c) {
  for (int64_t l = 0; l < k; l += depth) {
    const int64_t steps = std::min(depth, k - l);
    float* rows = scratch(0).floats(static_cast<size_t>((m + tile_rows) * steps));
    pack(a.data + l * a.column, a.row, a.column, m, steps, tile_rows, rows);
    for (int64_t j0 = 0; j0 < n; j0 += panel_columns) {
      const int64_t width = std::min(panel_columns, n - j0);
      float* columns = scratch(1).floats(static_cast<size_t>((width + tile_columns) * steps));
      pack(b.data + l * b.row + j0 * b.column, b.column, b.row, width, steps, tile_columns, columns);
      for (int64_t i = 0; i < m; i += tile_rows)
        for (int64_t j = 0; j < width; j += tile_columns)
          tile(rows + i * steps, columns + j * steps, steps, c + i * n + j0 + j, n, std::min(tile_rows, m - i),
               std::min(tile_columns, width - j));
    }
  }
}

/// Visits the windows of one image as columns of (C R S, H' W'). Calls body(element of the columns, element of the
/// image, which is -1 in the border).
template <class Body>
void each_window_element(const ConvShape& s, const Body& body) {
  int64_t at = 0;
  for (int64_t c = 0; c < s.c; ++c)
    for (int64_t r = 0; r < s.r; ++r)
      for (int64_t t = 0; t < s.s; ++t)
        for (int64_t p = 0; p < s.out_h(); ++p)
          for (int64_t q = 0; q < s.out_w(); ++q) {
            const int64_t y = p * s.stride + r - s.pad, x = q * s.stride + t - s.pad;
            const bool inside = y >= 0 && y < s.h && x >= 0 && x < s.w;
            body(at++, inside ? (c * s.h + y) * s.w + x : -1);
          }
}

struct Sizes {
  int64_t window, pixels, x_image, y_image;
  explicit Sizes(const ConvShape& s)
      : window(s.c * s.r * s.s), pixels(s.out_h() * s.out_w()), x_image(s.c * s.h * s.w), y_image(s.k * pixels) {}
};

float* columns_of(const ConvShape& s, const float* x) {
  const Sizes z(s);
  float* columns = scratch(2).floats(static_cast<size_t>(z.window * z.pixels));
  each_window_element(s, [=](int64_t at, int64_t from) { columns[at] = from < 0 ? 0 : x[from]; });
  return columns;
}

/// An input in the plain layout. It is made before the work is spread over threads, because reading a deferred tensor
/// computes its numbers.
struct PlainInput {
  Tensor plain;
  const float* at;
  explicit PlainInput(const Tensor& any) : plain(any.to(Layout::plain)), at(plain.data<float>()) {}
};

/// An output in the plain layout; it is copied to its destination at the end.
class PlainResult {
 public:
  explicit PlainResult(Tensor& result)
      : result_(result), plain_(result.to(Layout::plain)), at_(plain_.data<float>()) {
    std::fill_n(at_, plain_.size(), 0.0f);
  }
  float* data() { return at_; }
  void deliver() {
    if (result_.layout() != Layout::plain) result_.copy_from(plain_);
  }

 private:
  Tensor& result_;
  Tensor plain_;
  float* at_;
};

}  // namespace

std::string describe() { return "own loops (built without oneDNN)"; }

void conv2d(const ConvShape& s, const Tensor& x_any, const Tensor& w, Tensor& y) {
  const Sizes z(s);
  const PlainInput x(x_any), weights(w);
  PlainResult result(y);
  parallel_chunks_that_may_fail(s.n, images_per_chunk(s.n), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n)
      add_product(s.k, z.pixels, z.window, {weights.at, z.window, 1},
                  {columns_of(s, x.at + n * z.x_image), z.pixels, 1}, result.data() + n * z.y_image);
  });
  result.deliver();
}

void conv2d_dx(const ConvShape& s, const Tensor& w, const Tensor& dy_any, Tensor& dx) {
  const Sizes z(s);
  const PlainInput dy(dy_any), weights(w);
  PlainResult result(dx);
  parallel_chunks_that_may_fail(s.n, images_per_chunk(s.n), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const size_t size = static_cast<size_t>(z.window * z.pixels);
      float *const columns = scratch(2).floats(size), *const image = result.data() + n * z.x_image;
      std::memset(columns, 0, size * sizeof(float));
      add_product(z.window, z.pixels, s.k, {weights.at, 1, z.window}, {dy.at + n * z.y_image, z.pixels, 1}, columns);
      each_window_element(s, [=](int64_t at, int64_t to) {
        if (to >= 0) image[to] += columns[at];
      });
    }
  });
  result.deliver();
}

void conv2d_dw(const ConvShape& s, const Tensor& x_any, const Tensor& dy_any, Tensor& dw) {
  const Sizes z(s);
  const PlainInput x(x_any), dy(dy_any);
  const int64_t grain = images_per_gradient(s), chunks = (s.n + grain - 1) / grain, size = dw.size();
  std::vector<float> parts(static_cast<size_t>(chunks * size), 0.0f);
  parallel_chunks_that_may_fail(s.n, grain, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n)
      add_product(s.k, z.window, z.pixels, {dy.at + n * z.y_image, z.pixels, 1},
                  {columns_of(s, x.at + n * z.x_image), 1, z.pixels}, parts.data() + begin / grain * size);
  });
  add_parts_in_order(parts.data(), chunks, size);
  std::copy_n(parts.data(), size, dw.data<float>());
}

void matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c) {
  const int64_t m = c.dim(0), n = c.dim(1), k = a.dim(transpose_a ? 0 : 1);
  const Matrix left = transpose_a ? Matrix{a.data<float>(), 1, m} : Matrix{a.data<float>(), k, 1};
  const Matrix right = transpose_b ? Matrix{b.data<float>(), 1, k} : Matrix{b.data<float>(), n, 1};
  float* out = c.data<float>();
  std::memset(out, 0, static_cast<size_t>(c.size()) * sizeof(float));
  parallel_chunks_that_may_fail(m, rows_per_chunk(n, k), [=](int64_t begin, int64_t end) {
    add_product(end - begin, n, k, {left.data + begin * left.row, left.row, left.column}, right, out + begin * n);
  });
}

}  // namespace mneme::direct
