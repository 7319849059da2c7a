#pragma once
// Every operation that the tape can record. engine/ops/*.cpp holds the forward and the backward pass of each of them.
//
// The following holds for every operation unless its comment says otherwise:
// - All tensors must be defined. They live on one device and have one real type: f32, or f64 on the reference device.
//   "Any stored type" also allows bf16, the type of feature maps (Note [Precision] in engine/precision.h).
// - A condition that is stated with "throws Error" is checked; the message of the mneme::Error names the operation and
//   the shapes or types that came. A tensor of a type that an operation does not support throws Error too.
// - The result has the device and the type of the inputs. A result whose rank is not 4 has the plain layout.
// - Operations never change their inputs. Gradients flow to every real input.
//
// Letters: N images or samples, C or K channels or classes, H x W pixels.

#include <vector>

#include "engine/autograd.h"
#include "engine/tensor.h"

namespace mneme {

// --- element-wise, one input (ops/unary.cpp) ---
// x has any shape, any layout and any stored type; the result y has the same. Other types throw Error.

/// y = x in the type that x is computed in: f32 for bf16. Any other tensor, whatever its type, is returned itself.
Tensor to_float(const Tensor& x);

/// y = max(x, 0). The derivative at 0 is 0; NaN stays NaN.
Tensor relu(const Tensor& x);

/// y = 1 / (1 + e^-x), dx = dy y (1 - y).
Tensor sigmoid(const Tensor& x);

/// y = ln(1 + e^x), computed without overflow; dx = dy sigmoid(x).
Tensor softplus(const Tensor& x);

/// y = e^x, dx = dy y.
Tensor exp(const Tensor& x);

/// y = ln x, dx = dy / x. A negative x gives NaN and 0 gives -infinity; nothing is checked.
Tensor log(const Tensor& x);

/// y = square root of x, dx = dy / (2 y). A negative x gives NaN; nothing is checked.
Tensor sqrt(const Tensor& x);

/// y = |x|. The derivative at 0 is 0.
Tensor abs(const Tensor& x);

/// y = x^2, dx = 2 x dy.
Tensor square(const Tensor& x);

/// y = factor x, dx = factor dy.
Tensor scale(const Tensor& x, double factor);

/// y = x + amount, dx = dy.
Tensor add_scalar(const Tensor& x, double amount);

/// y = max(x, least). The derivative is 0 where x <= least; NaN stays NaN.
Tensor clamp_min(const Tensor& x, double least);

// --- element-wise, two inputs (ops/binary.cpp) ---
// a and b have any stored type. Their shapes are compared from the last dimension backwards, as in NumPy: a dimension
// of size 1, or one that is missing in front, is repeated to the size of the other ("broadcasting"). Throws Error if
// the shapes do not fit together, or if a and b differ in device or type. The result has the joint shape. Its layout is
// that of a where the shapes are equal, and plain otherwise. The gradient of a repeated operand is summed over the
// repetitions; backward() throws Error if that operand is bf16.

/// y = a + b, da = dy, db = dy. On a device that fuses, the sum may be deferred (Note [Deferred]).
Tensor add(const Tensor& a, const Tensor& b);

/// y = a - b, da = dy, db = -dy.
Tensor sub(const Tensor& a, const Tensor& b);

/// y = a b element by element, da = dy b, db = dy a.
Tensor mul(const Tensor& a, const Tensor& b);

/// y = a / b element by element, da = dy / b, db = -dy a / b^2. Division by 0 follows IEEE 754; nothing is checked.
Tensor div(const Tensor& a, const Tensor& b);

/// a += b, in place and not recorded: for gradients and running values. The layouts may differ. Throws Error if the
/// shapes or devices differ, or unless the types are equal; f32 += bf16 is allowed too.
void add_in_place(const Tensor& a, const Tensor& b);

// --- many small tensors at once (ops/foreach.cpp); not recorded ---

/// Two tensors of one shape; images may differ in layout, but not be in blocks of channels. Where several pairs are
/// given together, no two `to` may share memory.
struct TensorPair {
  Tensor to,  ///< the tensor that is written
      from;   ///< the tensor that is read
};

/// to += from for each pair, as add_in_place() does. On a GPU this takes a few kernels, not one for each pair. Throws
/// Error for tensors that do not fit together.
void foreach_add(std::span<const TensorPair> pairs);

/// to = from for each pair, converted to the type of `to`. Throws as foreach_add() does.
void foreach_copy(std::span<const TensorPair> pairs);

// --- sums (ops/reduce.cpp) ---
// Types f32 and f64; other types throw Error. Sums are formed in double, in an order that does not depend on the number
// of threads or on the device.

/// The sum of all elements: any shape -> scalar (). The sum of no elements is 0.
Tensor sum(const Tensor& x);

/// The mean of all elements: any shape -> scalar (). Throws Error if x has no elements.
Tensor mean(const Tensor& x);

/// The sum over the last dimension: (..., K) -> (..., 1). Throws Error for a scalar.
Tensor sum_last(const Tensor& x);

/// Sums x over the dimensions that broadcasting repeated: x -> `shape`. Aligned at the last dimension, each dimension
/// of `shape` must be 1 or that of x; missing dimensions in front count as 1. Otherwise throws Error. Returns x itself
/// if it has this shape already.
Tensor sum_to_size(const Tensor& x, const Shape& shape);

// --- shape (ops/shape.cpp) ---

/// The elements of x in N, C, H, W order under another shape; any type. The result is plain, and shares its memory with
/// x if x is plain. Throws Error if the numbers of elements differ.
Tensor reshape(const Tensor& x, const Shape& shape);

/// Matrices side by side: (N, K_1), (N, K_2), ... -> (N, K_1 + K_2 + ...). Throws Error without any part, for a part
/// that is no matrix of N rows, and for parts that differ in device or type.
Tensor concat_columns(const std::vector<Tensor>& parts);

/// Columns [begin, end): (N, K) -> (N, end - begin). Throws Error unless x is a matrix and 0 <= begin <= end <= K.
Tensor slice_columns(const Tensor& x, int64_t begin, int64_t end);

/// y[m] = x[rows[m]]: x (N, K), rows M values of i32 -> (M, K). A row outside [0, N) gives NaN and gets no gradient. A
/// row that is selected several times gets the sum of the gradients. Throws Error if x is no matrix, if rows are not
/// i32, or if the devices differ.
Tensor index_select(const Tensor& x, const Tensor& rows);

/// y[n, m] = x[n, columns[n, m]]: x (N, K), columns i32 (N, M), or (N) for M = 1 -> (N, M). A column outside [0, K)
/// gives NaN and gets no gradient. Throws Error if the shapes, the type of `columns` or the devices do not fit.
Tensor gather(const Tensor& x, const Tensor& columns);

// --- per row (ops/softmax.cpp, ops/cross_entropy.cpp, ops/normalize.cpp) ---

/// p_j = e^{x_j} / sum_i e^{x_i} over each row: (N, K) -> (N, K). The row's maximum is subtracted first, so that
/// nothing overflows. Throws Error unless x is a matrix with K > 0.
Tensor softmax(const Tensor& x);

/// l_j = x_j - ln sum_i e^{x_i} over each row: (N, K) -> (N, K). Throws Error unless x is a matrix with K > 0.
Tensor log_softmax(const Tensor& x);

/// The cross-entropy of each sample, -ln softmax(logits + offset)[label]: logits (N, K), labels N values of i32, offset
/// K values or undefined -> (N, 1). A label outside [0, K) gives NaN. The offset ln(class counts) makes this the
/// balanced softmax (Ren et al., NeurIPS 2020); an offset of -infinity excludes a class. Gradients flow to logits and
/// offset. Throws Error if sizes, types or devices do not fit.
Tensor softmax_cross_entropy(const Tensor& logits, const Tensor& labels, const Tensor& offset = {});

/// u = x / max(||x||_2, 1e-12) for each row: (N, K) -> (N, K). Throws Error unless x is a matrix.
Tensor normalize_rows(const Tensor& x);

// --- matrices (ops/matmul.cpp) ---

/// Which factor of a matrix product is transposed.
enum class Transpose : uint8_t {
  none,   ///< a b
  first,  ///< a^T b
  second  ///< a b^T
};

/// The matrix product of a and b, (M, L) (L, N) -> (M, N), where the factor that `transposed` names is transposed
/// first. Throws Error unless both are matrices, their inner sizes agree, and they share device and type.
Tensor matmul(const Tensor& a, const Tensor& b, Transpose transposed = Transpose::none);

/// y = x w^T + b: x (N, I), w (O, I), b (O) or undefined -> (N, O). Throws Error if shapes, types or devices do not
/// fit.
Tensor linear(const Tensor& x, const Tensor& w, const Tensor& b);

// --- images (ops/conv.cpp, ops/batch_norm.cpp, ops/pool.cpp, ops/strips.cpp, ops/shortcut.cpp) ---

/// How the window of a convolution moves.
struct ConvOptions {
  int64_t stride = 1;  ///< pixels from one position of the window to the next, > 0
  int64_t pad = 0;     ///< pixels of zeros around the image, on each side, >= 0
};

/// A convolution without bias, computed as a correlation:
///   y[n,k,p,q] = sum_{c,r,s} x[n, c, p stride + r - pad, q stride + s - pad] w[k,c,r,s]
/// x (N, C, H, W) of any stored type, w (K, C, R, S) of the type that x is computed in -> y (N, K, H', W') with
/// H' = (H + 2 pad - R) / stride + 1 and W' likewise, rounded down. y has the layout that the device prefers, and is
/// bf16 where Note [Precision] says so. Throws Error if the shapes or types do not fit, or if the window is larger than
/// the padded image.
Tensor conv2d(const Tensor& x, const Tensor& w, ConvOptions options);

/// The running statistics of one batch norm. Training writes them in place.
struct BatchNormStatistics {
  Tensor mean,   ///< (C)
      variance;  ///< (C), unbiased
};

/// How batch_norm() normalises.
struct BatchNormOptions {
  bool training = true;  ///< on: normalise by the statistics of the batch; off: by the running ones
  /// In training: running <- (1 - momentum) running + momentum batch, with the unbiased variance of the batch.
  bool update_running = true;
  double momentum = 0.1;  ///< the weight of the new batch in the running statistics
  double eps = 1e-5;      ///< added to the variance
};

/// y = gamma (x - mean) / sqrt(variance + eps) + beta per channel: x (N, C, H, W) of any stored type, gamma and beta
/// (C) of the type that x is computed in -> (N, C, H, W) in the layout of x. Ioffe and Szegedy, "Batch Normalization",
/// ICML 2015. On a device that fuses, the result is deferred (Note [Deferred]). Throws Error if shapes or types do not
/// fit, if running statistics are needed but missing, or if a batch in training has a single value per channel.
Tensor batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, BatchNormStatistics& running,
                  BatchNormOptions options);

/// The mean over the pixels: (N, C, H, W) of any stored type -> (N, C), in f32 for bf16. Throws Error unless x has
/// rank 4.
Tensor global_average_pool(const Tensor& x);

/// The square window of max_pool(), in pixels.
struct PoolOptions {
  int64_t window = 2,  ///< side of the window, at most 16
      stride = 2,      ///< step of the window, > 0
      pad = 0;         ///< border on each side, 0 <= pad < window
};

/// The maximum over each window: (N, C, H, W) of any stored type -> (N, C, H', W') in the same layout, with
/// H' = (H + 2 pad - window) / stride + 1, rounded down. The border is never the maximum. The first of equal pixels
/// gets the gradient; NaN counts as the largest number. Throws Error if the options do not fit the image.
Tensor max_pool(const Tensor& x, PoolOptions options);

/// Sums of squares along the rows and along the columns of each channel:
///   e[n, row y of channel c] = sum_x a[n,c,y,x]^2,   e[n, column x of channel c] = sum_y a[n,c,y,x]^2
/// (N, C, H, W), f32 or f64 -> (N, C H + C W), the rows of all channels first. The loss of PODNet compares these
/// (Douillard et al., "PODNet", ECCV 2020). Throws Error unless `a` has rank 4.
Tensor strip_energies(const Tensor& a);

/// Every stride-th pixel of each row and column, with channels of zeros appended: (N, C, H, W) of any stored type ->
/// (N, channels, ceil(H / stride), ceil(W / stride)). It is the shortcut without parameters ("option A") of He et al.,
/// "Deep Residual Learning", CVPR 2016, section 3.3. Throws Error unless x has rank 4, stride > 0 and channels >= C.
Tensor subsample_pad_channels(const Tensor& x, int64_t stride, int64_t channels);

}  // namespace mneme
