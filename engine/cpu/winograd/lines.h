#pragma once
// The transforms of Note [Winograd] have two sides, and each side is a pass here. For inputs, the first pass multiplies
// the columns of pixels of a row of tiles from the left. Its results are six lines, one for each row of B^T. The second
// pass multiplies groups of columns of one line from the right; only then do tiles exist. Outputs take the passes in
// the opposite order. This has three advantages over one tile after the other:
//  - Tiles next to each other share two columns, so that the first pass computes four columns for each tile and not
//  six.
//  - One line of tiles at a time goes through the matrix products, so that its six positions stay in the first cache.
//  - The edges of the image decide where loops begin and end. No pixel is tested for itself.

#include "engine/cpu/winograd/count.h"
#include "engine/cpu/winograd/epilogue.h"
#include "engine/cpu/winograd/rows.h"
#include "engine/cpu/winograd/transforms.h"

namespace mneme::winograd {
namespace {

/// Where six lines lie: the vector of a channel in a column of a row of tiles is at at + line * stride + (row * columns
/// + column) * channels + channel. Inputs begin with the column before the image, outputs and their gradients with the
/// image's first.
struct Lines {
  float* at;
  int64_t stride, columns, channels;

  float* line(int64_t i) const { return at + i * stride; }
  float* place(const TileRow& row, int64_t channel) const { return at + row.number * columns * channels + channel; }
};

/// The tiles of one line of a block: element j of the line's tile t is at at + j * stride + t * channels + channel. The
/// tiles of a block are (rows, across).
struct LineTiles {
  float* at;
  int64_t stride, rows, across;
};

template <int Lanes>
struct Passes {
  using V = typename Vectors<Lanes>::V;
  static V load(const float* from) { return Vectors<Lanes>::load(from); }
  static void store(float* to, V v) { Vectors<Lanes>::store(to, v); }

  /// Stores one column, a value in each line.
  static inline __attribute__((always_inline)) void put(float* to, int64_t stride, const V (&values)[6]) {
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) store(to + i * stride, values[i]);
  }

  /// Calls body(column, its six pixels) for the columns inside the image of the inputs of a row of tiles. `first` is
  /// where the row's outputs begin.
  template <class Rows, class Reader, class Body>
  static inline __attribute__((always_inline)) void each_input_column(const Tiling& g, Rows rows, const Reader& reader,
                                                                      int64_t first, const Body& body) {
    const int64_t width = g.width, line = width * block;
    for (int64_t j = 0; j < width; ++j) {
      V pixel[6];
#pragma GCC unroll 6
      for (int i = 0; i < 6; ++i) pixel[i] = rows.hold(i) ? reader.at(first + (i - 1) * line + j * block) : V{};
      body(j, pixel);
    }
  }

  /// Fills the columns of inputs that lie outside the image: the first, and those from width + 1.
  static void put_border(const Tiling& g, float* to, const Lines& lines) {
    put(to, lines.stride, {});
    for (int64_t j = g.width + 1; j < lines.columns; ++j) put(to + j * lines.channels, lines.stride, {});
  }
  /// The same for gradients of outputs: those from width.
  static void put_gradient_border(const Tiling& g, float* to, const Lines& lines) {
    for (int64_t j = g.width; j < g.across * tile_edge; ++j) put(to + j * lines.channels, lines.stride, {});
  }

  /// The first pass of B^T x B, for `some` of the channels of x.
  template <class Reader>
  static void input_columns(const Tiling& g, const TileBlock& b, int64_t channels, ChannelRange some,
                            const Reader& reader, const Lines& to) {
    const int64_t count = to.channels;
    each_tile_row(b, [&](const TileRow& row) {
      for (int64_t c = 0; c < count; c += Lanes) {
        Reader read = reader;
        read.enter(some.begin + c);
        float* const at = to.place(row, c);
        put_border(g, at, to);
        const auto body = [first = at + count, count, stride = to.stride](int64_t column, const V(&pixel)[6]) {
          V done[6];
          InputTransform::apply(pixel, done);
          put(first + column * count, stride, done);
        };
        with_input_rows(g, row.down, [&](auto rows) {
          each_input_column(g, rows, read, row.first_pixel(g, channels, some.begin + c), body);
        });
      }
    });
  }

  /// The first pass of A dy A^T.
  template <class Reader>
  static void gradient_columns(const Tiling& g, const TileBlock& b, const Reader& reader, const Lines& to) {
    const int64_t line = g.width * block;
    each_tile_row(b, [&](const TileRow& row) {
      for (int64_t k = 0; k < to.channels; k += Lanes) {
        Reader read = reader;
        read.enter(k);
        float* const at = to.place(row, k);
        put_gradient_border(g, at, to);
        const int64_t first = row.first_pixel(g, to.channels, k);
        with_output_rows(g, row.down, [&, to](auto rows) {
          for (int64_t j = 0; j < g.width; ++j) {
            V pixel[4], done[6];
#pragma GCC unroll 4
            for (int i = 0; i < 4; ++i) pixel[i] = rows.hold(i) ? read.at(first + i * line + j * block) : V{};
            OutputGradientTransform::apply(pixel, done);
            put(at + j * to.channels, to.stride, done);
          }
        });
      }
    });
  }

  /// The first passes of B^T dy B and of A dy A^T: the data gradient convolves dy, the weight gradient multiplies with
  /// it. dy is read once.
  template <class Reader>
  static void both_columns(const Tiling& g, const TileBlock& b, const Reader& reader, const Lines& as_inputs,
                           const Lines& as_gradients) {
    const int64_t channels = as_inputs.channels;
    each_tile_row(b, [&](const TileRow& row) {
      for (int64_t k = 0; k < channels; k += Lanes) {
        Reader read = reader;
        read.enter(k);
        float *const to = as_inputs.place(row, k), *const to_gradients = as_gradients.place(row, k);
        put_border(g, to, as_inputs);
        put_gradient_border(g, to_gradients, as_gradients);
        const auto body = [=, first = to + channels, stride = as_inputs.stride, gradient_stride = as_gradients.stride](
                              int64_t column, const V(&pixel)[6]) {
          V done[6];
          InputTransform::apply(pixel, done);
          put(first + column * channels, stride, done);
          OutputGradientTransform::apply(pixel + 1, done);
          put(to_gradients + column * channels, gradient_stride, done);
        };
        with_input_rows(g, row.down,
                        [&](auto rows) { each_input_column(g, rows, read, row.first_pixel(g, channels, k), body); });
      }
    });
  }

  /// Calls body(column, element) for every tile of a line and every vector of channels. `column` points to the first
  /// column of the tile in the line, `element` to the first element of the tile.
  template <class Count, class Body>
  static inline __attribute__((always_inline)) void each_vector(float* line, int64_t columns, Count channels,
                                                                const LineTiles& tiles, const Body& body) {
    float* element = tiles.at;
    for (int64_t row = 0; row < tiles.rows; ++row, line += columns * channels)
      for (int64_t t = 0; t < tiles.across; ++t)
        for (int64_t c = 0; c < channels; c += Lanes, element += Lanes)
          body(line + t * tile_edge * channels + c, element);
  }

  /// The second pass for one line: columns become tiles.
  template <class Transform>
  static void spread_line(const Lines& lines, int64_t i, const LineTiles& to) {
    with_count(lines.channels, [&](auto channels) {
      const auto body = [channels, stride = to.stride](const float* from, float* element) {
        V in[Transform::in], out[Transform::out];
#pragma GCC unroll 6
        for (int j = 0; j < Transform::in; ++j) in[j] = load(from + j * channels);
        Transform::apply(in, out);
#pragma GCC unroll 6
        for (int j = 0; j < Transform::out; ++j) store(element + j * stride, out[j]);
      };
      each_vector(lines.line(i), lines.columns, channels, to, body);
    });
  }

  /// The first pass of A^T m A for one line: tiles become columns.
  static void gather_line(const LineTiles& from, const Lines& lines, int64_t i) {
    with_count(lines.channels, [&](auto channels) {
      const auto body = [channels, stride = from.stride](float* to, const float* element) {
        V in[6], out[4];
#pragma GCC unroll 6
        for (int j = 0; j < 6; ++j) in[j] = load(element + j * stride);
        OutputTransform::apply(in, out);
#pragma GCC unroll 4
        for (int j = 0; j < 4; ++j) store(to + j * channels, out[j]);
      };
      each_vector(lines.line(i), lines.columns, channels, from, body);
    });
  }

  /// The second pass of A^T m A: writes the outputs of a block through the tail of the epilogue.
  template <class Tail>
  static void output_columns(const Tiling& g, const TileBlock& b, const Lines& lines, float* y, const Tail& tail) {
    const int64_t line = g.width * block, width = g.width;
    const int64_t channels = lines.channels;
    each_tile_row(b, [&](const TileRow& row) {
      for (int64_t k = 0; k < channels; k += Lanes) {
        const auto column = [from = lines.place(row, k), stride = lines.stride, channels](int64_t j, V(&out)[4]) {
          V in[6];
#pragma GCC unroll 6
          for (int i = 0; i < 6; ++i) in[i] = load(from + i * stride + j * channels);
          OutputTransform::apply(in, out);
        };
        float* const to = y + row.first_pixel(g, channels, k);
        V out[4];
        column(0, out);
        with_output_rows(g, row.down, [&](auto rows) {
          Tail here = tail;
          here.enter(k, row.number == 0, out[0]);
          for (int64_t j = 0; j < width; ++j) {
            V made[4];
            column(j, made);
            here.column(rows, to - y + j * block, line, made);
#pragma GCC unroll 4
            for (int i = 0; i < 4; ++i)
              if (rows.hold(i)) store(to + j * block + i * line, made[i]);
          }
          here.leave(k);
        });
      }
    });
  }
};

}  // namespace
}  // namespace mneme::winograd
