#pragma once
// Convolutions of any size in their direct form, and matrix products. engine/cpu/onednn.cpp implements them with
// oneDNN, engine/cpu/without_onednn.cpp in a build without it.
//
// All functions are as in Backend: image tensors are plain or blocked, weights are plain, and outputs are overwritten.
// They throw Error if oneDNN fails or memory runs out.

#include <string>

#include "engine/device.h"

namespace mneme::direct {

/// Name and version of the library.
std::string describe();

/// The convolution y of x with w.
void conv2d(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y);
/// The gradient dx of the convolution's input.
void conv2d_dx(const ConvShape& shape, const Tensor& w, const Tensor& dy, Tensor& dx);
/// The gradient dw of the convolution's weights.
void conv2d_dw(const ConvShape& shape, const Tensor& x, const Tensor& dy, Tensor& dw);
/// The matrix product c = op(a) op(b).
void matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c);

}  // namespace mneme::direct
